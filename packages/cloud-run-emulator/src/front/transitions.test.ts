import { Agent, request } from 'node:http'
import { expect, test } from 'vitest'
import { startRig, until, type Rig } from '../testing/rig.ts'

const perSecond = 300
const to = (revision: string, percent: number, tag?: string) => ({
  type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION',
  revision,
  percent,
  ...(tag === undefined ? {} : { tag }),
})

interface Load extends AsyncDisposable {
  readonly statuses: readonly (number | string)[]
  /** Starts no more requests and waits for those that are out. */
  stop(): Promise<void>
}

/** Users: requests at a steady rate, half of them changing something, that start whether or not those before have been answered. */
function startLoad(rig: Rig): Load {
  const agent = new Agent({ keepAlive: true })
  const statuses: (number | string)[] = []
  const out = new Set<Promise<void>>()
  const began = performance.now()
  let started = 0
  const timer = setInterval(() => {
    for (; started < ((performance.now() - began) / 1000) * perSecond; started += 1) {
      const one = ask(started % 2 === 0 ? 'GET' : 'POST').finally(() => out.delete(one))
      out.add(one)
    }
  }, 5)
  function ask(method: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const port = new URL(rig.emulator.front.url).port
    const outgoing = request({ host: '127.0.0.1', port, agent, method, path: method === 'GET' ? '/' : '/repeat', headers: { host: 'todo.localhost' } }, (answer) => {
      answer.on('data', () => {})
      answer.on('error', (error) => statuses.push(error.message))
      answer.on('end', () => statuses.push(answer.statusCode ?? 0))
      answer.on('close', resolve)
    })
    outgoing.on('error', (error) => {
      statuses.push(error.message)
      resolve()
    })
    outgoing.end(method === 'GET' ? undefined : 'body')
    return promise
  }
  const stop = async () => {
    clearInterval(timer)
    await Promise.all(out)
    agent.destroy()
  }
  return { statuses, stop, [Symbol.asyncDispose]: stop }
}

const failures = ({ statuses }: Load) => statuses.filter((status) => status !== 200)

test('no request fails while a revision is deployed, gets its traffic step by step, is taken back, and the other is scaled down', async () => {
  await using rig = await startRig({ idleSeconds: 1 })
  await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template: rig.template('sound', { revision: 'todo-one' }) })
  await using load = startLoad(rig)
  await rig.settled('PATCH', 'services/todo?updateMask=template,traffic', {
    template: rig.template('sound', { revision: 'todo-two' }),
    traffic: [to('todo-one', 100), to('todo-two', 0, 'canary')],
  })
  for (const percent of [5, 20, 50, 100]) {
    await rig.settled('PATCH', 'services/todo?updateMask=traffic', { traffic: [to('todo-one', 100 - percent), to('todo-two', percent, 'canary')] })
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  await rig.settled('PATCH', 'services/todo?updateMask=traffic', { traffic: [to('todo-one', 100)] })
  await rig.settled('PATCH', 'services/todo?updateMask=template,traffic', {
    template: rig.template('sound', { revision: 'todo-three', scaling: { minInstanceCount: 2 } }),
    traffic: [to('todo-three', 100)],
  })
  await rig.settled('PATCH', 'services/todo?updateMask=template,traffic', { template: rig.template('sound', { revision: 'todo-four' }), traffic: [to('todo-four', 100)] })
  await load.stop()
  expect(failures(load)).toEqual([])
  expect(load.statuses.length).toBeGreaterThan(300)
})

test('a crash fails only what was in flight on that instance', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template: rig.template('sound', { revision: 'todo-one', timeout: '5s' }) })
  await using load = startLoad(rig)
  await until(async () => load.statuses.length, (count) => count > 100)
  expect((await rig.front('todo.localhost', '/crash')).status).toBe(503)
  const before = load.statuses.length
  await until(async () => load.statuses.length, (count) => count > before + 100)
  await load.stop()
  // Those that the load had out at that moment: at its rate, what it starts while an answer takes its time.
  expect(failures(load).length).toBeLessThan(perSecond / 5)
  expect(new Set(failures(load))).toEqual(failures(load).length === 0 ? new Set() : new Set([503]))
  expect(new Set(load.statuses.slice(-50))).toEqual(new Set([200]))
})
