import { StoreUnavailableError, type PoolUse } from '../tasks/task-store.ts'

/** What a pool needs to know about a connection. */
export interface PooledConnection {
  /** Whether the server answers; never rejects, and does not take long. */
  ping(): Promise<boolean>
  /** Says goodbye. */
  end(): void
  /** Drops it without a word. */
  destroy(): void
}

/** How many connections there are and how long one is waited for. */
export interface PoolLimits {
  /** The most connections at once. */
  readonly connections: number
  /** The most requests that wait for one; any further is refused at once, since it would not be answered in time. */
  readonly waiting: number
  /** How long a request waits for one. */
  readonly waitMs: number
  /** How long a connection may have been idle to be handed out without asking whether the server is still there. */
  readonly trustedMs: number
}

/** What fits Cloud Run: it sends an instance 80 requests at once by default, 1,000 at most. */
export const defaultPoolLimits: Omit<PoolLimits, 'connections'> = { waiting: 250, waitMs: 2_000, trustedMs: 1_000 }

/** Connections that are opened when needed, kept, and handed to one request at a time. */
export interface ConnectionPool<Connection> {
  /** Rejects with `StoreUnavailableError` when none is to be had. Give it back with `release`. */
  acquire(): Promise<Connection>
  /** `isUsable` false drops it. */
  release(connection: Connection, isUsable: boolean): void
  /** A connection turned out to be dead, so those that lie idle may be too: drops them. */
  distrustIdle(): void
  use(): PoolUse
  /** Refuses further requests, and waits for those under way. */
  close(): Promise<void>
}

interface Waiter<Connection> {
  readonly take: (connection: Connection) => void
  readonly refuse: (error: Error) => void
}

/** Makes an empty pool; `open` opens a connection and calls `onEnd` when it breaks, at whatever time. */
export function createConnectionPool<Connection extends PooledConnection>(
  limits: PoolLimits,
  open: (onEnd: (connection: Connection) => void) => Promise<Connection>,
): ConnectionPool<Connection> {
  const all = new Set<Connection>()
  /** Last in, first out: those at the front grow old unless they are needed. */
  let idle: { readonly connection: Connection; readonly since: number }[] = []
  const waiters: Waiter<Connection>[] = []
  let opening = 0
  let isClosed = false
  let onRest: (() => void) | undefined

  const inUse = (): number => all.size - idle.length

  function drop(connection: Connection): void {
    all.delete(connection)
    idle = idle.filter((entry) => entry.connection !== connection)
    connection.destroy()
    openForWaiters()
    tellRest()
  }

  function tellRest(): void {
    if (isClosed && inUse() === 0 && opening === 0) onRest?.()
  }

  function offer(connection: Connection): void {
    const waiter = waiters.shift()
    if (waiter) waiter.take(connection)
    else if (isClosed) {
      all.delete(connection)
      connection.end()
    } else idle.push({ connection, since: performance.now() })
    tellRest()
  }

  function openForWaiters(): void {
    while (opening < waiters.length && all.size + opening < limits.connections) {
      opening += 1
      void openOne()
    }
  }

  async function openOne(): Promise<void> {
    let connection: Connection
    try {
      connection = await open(drop)
    } catch (error) {
      opening -= 1
      // Others' connections will come back and serve who waits; without any, there is nothing to wait for.
      if (inUse() === 0 && opening === 0) {
        const message = error instanceof Error ? error.message : String(error)
        for (const waiter of waiters.splice(0)) waiter.refuse(new StoreUnavailableError(`The database cannot be reached: ${message}`, { cause: error }))
      }
      tellRest()
      return
    }
    opening -= 1
    all.add(connection)
    offer(connection)
  }

  function waitForOne(): Promise<Connection> {
    if (waiters.length >= limits.waiting) {
      return Promise.reject(new StoreUnavailableError(`${waiters.length} requests already wait for one of ${limits.connections} connections`))
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiters.splice(waiters.indexOf(waiter), 1)
        reject(new StoreUnavailableError(`None of ${limits.connections} connections came free within ${limits.waitMs} ms`))
      }, limits.waitMs)
      const waiter: Waiter<Connection> = {
        take: (connection) => {
          clearTimeout(timer)
          resolve(connection)
        },
        refuse: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      }
      waiters.push(waiter)
      openForWaiters()
    })
  }

  function distrustIdle(): void {
    for (const { connection } of idle.splice(0)) {
      all.delete(connection)
      connection.destroy()
    }
  }

  return {
    distrustIdle,
    async acquire() {
      for (;;) {
        if (isClosed) throw new StoreUnavailableError('The database is closed: the service is stopping')
        const entry = idle.pop()
        if (!entry) return waitForOne()
        const { connection, since } = entry
        if (performance.now() - since < limits.trustedMs) return connection
        if ((await connection.ping()) && all.has(connection)) return connection
        all.delete(connection)
        connection.destroy()
        // They are older still, and each could take as long to find out.
        distrustIdle()
      }
    },
    release(connection, isUsable) {
      // It broke while it was used, and is gone already.
      if (!all.has(connection)) return
      if (isUsable) offer(connection)
      else drop(connection)
    },
    use: () => ({ limit: limits.connections, open: all.size, inUse: inUse(), waiting: waiters.length }),
    async close() {
      if (isClosed) return
      isClosed = true
      for (const { connection } of idle.splice(0)) {
        all.delete(connection)
        connection.end()
      }
      if (inUse() > 0 || opening > 0) await new Promise<void>((resolve) => (onRest = resolve))
    },
  }
}
