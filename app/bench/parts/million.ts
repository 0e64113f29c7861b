import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { onMariaDb, onSqlite, service, type Bench } from '../contenders.ts'
import { loadServer } from '../load.ts'
import { processorMs, startServer, type ServerProcess } from '../server-process.ts'
import { visit } from '../visitor.ts'

/** Whose tasks a table holds. */
interface Filling {
  readonly name: string
  readonly owners: number
  readonly tasks: number
}

const fillings: readonly Filling[] = [
  { name: '20', owners: 1, tasks: 20 },
  // What many are compared with: as many browsers in turn, more than whose pages the service keeps.
  { name: '20 each of 200 owners', owners: 200, tasks: 4_000 },
  { name: '1,000,000 of one owner', owners: 1, tasks: 1_000_000 },
  { name: '1,000,000 of many owners', owners: 50_000, tasks: 1_000_000 },
]

/** How many browsers read where there are many owners, so that the same few rows are not always at hand. */
const mostReaders = 200

/** The owner whom a cookie proves: what is before its signature. */
const ownerOf = (cookie: string): string => decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1)).split('.', 1)[0] ?? ''

/** Owners who never come, in the form of the others. */
const absentOwner = (index: number): string => `absent${String(index).padStart(16, '0')}`

// Owners take turns, so that nobody's rows lie together; one in seven is done.
const fill = (sequence: string, { owners }: Filling): string => `
  INSERT INTO tasks (owner, title, complete)
  SELECT reader.owner, 'A thing to do, as long as they often are', n % 7 = 0
  FROM (${sequence}) AS numbers JOIN readers AS reader ON reader.place = n % ${owners}`

function fillSqlite(path: string, owners: readonly string[], filling: Filling): void {
  const database = new DatabaseSync(path)
  database.exec('CREATE TEMP TABLE readers (place INTEGER PRIMARY KEY, owner TEXT); BEGIN')
  const insert = database.prepare('INSERT INTO readers VALUES (?, ?)')
  for (const [place, owner] of owners.entries()) insert.run(place, owner)
  const sequence = `WITH RECURSIVE counting(n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM counting WHERE n + 1 < ${filling.tasks}) SELECT n FROM counting`
  database.exec(`${fill(sequence, filling)}; COMMIT; PRAGMA wal_checkpoint(TRUNCATE)`)
  database.close()
}

async function fillMariaDb({ mariaDb }: Bench, name: string, owners: readonly string[], filling: Filling): Promise<void> {
  const admin = await mariaDb.connect(name)
  await admin.query('CREATE TEMPORARY TABLE readers (place INT PRIMARY KEY, owner VARCHAR(50))')
  for (let place = 0; place < owners.length; place += 10_000) {
    await admin.query('INSERT INTO readers VALUES ?', [owners.slice(place, place + 10_000).map((owner, index) => [place + index, owner])])
  }
  // What the server would do by itself some seconds later.
  await admin.query(`${fill(`SELECT seq AS n FROM seq_0_to_${filling.tasks - 1}`, filling)}; ANALYZE TABLE tasks`)
  await admin.end()
}

const databases = ['SQLite', 'MariaDB'] as const

async function startFilled(bench: Bench, database: (typeof databases)[number], filling: Filling): Promise<{ server: ServerProcess; cookies: string[] }> {
  const name = `million_${fillings.indexOf(filling)}`
  if (database === 'MariaDB') await bench.mariaDb.createDatabase(name)
  const command = await service(bench, `${database}, ${filling.name}`, database === 'SQLite' ? onSqlite(bench, name) : onMariaDb(bench, name))
  const server = await startServer(command)
  try {
    const cookies: string[] = []
    while (cookies.length < Math.min(filling.owners, mostReaders)) cookies.push((await visit(server.url)).cookie)
    const owners = Array.from({ length: filling.owners }, (_, index) => {
      // Readers are spread over all owners.
      const cookie = cookies[(index * mostReaders) / filling.owners]
      return cookie === undefined ? absentOwner(index) : ownerOf(cookie)
    })
    if (filling.owners === 1) owners[0] = ownerOf(cookies[0] ?? '')
    if (database === 'SQLite') fillSqlite(join(bench.folder, `${name}.db`), owners, filling)
    else await fillMariaDb(bench, name, owners, filling)
    for (const cookie of cookies) {
      const page = await (await fetch(server.url, { headers: { cookie } })).text()
      const rows = page.match(/aria-label="Delete: /g)?.length
      if (rows !== 20) throw new Error(`${command.name}: the page has ${rows} tasks and not 20`)
    }
    return { server, cookies: Array.from({ length: mostReaders }, (_, index) => cookies[index % cookies.length] ?? '') }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** What `GET /` takes, in turns with 20 tasks in the table and with a million. */
export interface PageTime {
  /** Under load, from one answer to the next. */
  readonly ms: number[]
  /** Processor time of the service, and of the database where it is another process. */
  readonly processorUs: number[]
}

export async function measureMillion(bench: Bench): Promise<Map<string, PageTime>> {
  const [rounds, seconds] = bench.isQuick ? [3, 1] : [5, 3]
  const results = new Map<string, PageTime>()
  for (const database of databases) {
    const running: Awaited<ReturnType<typeof startFilled>>[] = []
    try {
      for (const filling of fillings) running.push(await startFilled(bench, database, filling))
      await bench.mariaDb.settle()
      for (const { server } of running) results.set(server.name, { ms: [], processorUs: [] })
      for (let count = 0; count <= rounds; count++) {
        for (const { server, cookies } of running) {
          const used = (): number => processorMs(server.pid) + (database === 'MariaDB' ? processorMs(bench.mariaDb.pid) : 0)
          const before = used()
          const round = await loadServer({ url: server.url, method: 'GET', headers: { accept: 'text/html' }, visits: cookies.map((cookie) => ({ cookie })) }, seconds, bench.folder)
          if (count === 0) continue
          const result = results.get(server.name)
          result?.ms.push(1_000 / round.requestsPerSecond)
          result?.processorUs.push(((used() - before) * 1_000) / round.requests)
        }
      }
    } finally {
      for (const { server } of running) await server.stop()
    }
  }
  return results
}
