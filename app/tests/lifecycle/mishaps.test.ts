import { expect, test } from 'vitest'
import { openClient, preload, useService } from './running-service.ts'

const start = useService()

test.each([
  ['a rejection that nobody handles', "Promise.reject(new Error('nobody handles this'))"],
  ['an error that nobody catches', "throw new Error('nobody handles this')"],
  ['something thrown that is no error', "throw 'nobody handles this'"],
])('%s: the last line says what it was, and the process ends so that another is started', async (_, mishap) => {
  const service = await start(preload(`process.on('SIGUSR2', () => { ${mishap} })`))
  service.child.kill('SIGUSR2')
  expect(await service.exit).toBe(1)
  expect(service.lines.at(-1)).toMatchObject({
    severity: 'CRITICAL',
    message: 'The service ends on an unexpected error',
    stack_trace: expect.stringContaining('nobody handles this'),
  })
})

const clock = `
  const RealDate = Date
  let offset = 0
  const now = () => RealDate.now() + offset
  globalThis.Date = class extends RealDate {
    constructor(...given) { given.length === 0 ? super(now()) : super(...given) }
    static now() { return now() }
  }
  const days = [1, -2]
  process.on('SIGUSR2', () => { offset += days.shift() * 86_400_000; process.stdout.write(JSON.stringify({ severity: 'INFO', message: 'clock ' + days.length }) + '\\n') })
`

test('the wall clock jumps a day ahead and two back: sessions, forms, connections and the limit of the rate stay as they are', async () => {
  const service = await start({ ...preload(clock), RATE_LIMIT: '4' })
  const client = await openClient(service.port)
  const statuses: number[] = []
  const add = async (): Promise<void> => void statuses.push((await client.post('/tasks', { title: `task ${statuses.length}` })).status)
  await add()
  for (const jump of ['clock 1', 'clock 0']) {
    service.child.kill('SIGUSR2')
    await service.line(jump)
    await add()
  }
  for (let count = 0; count < 2; count++) await add()
  expect(statuses).toEqual([303, 303, 303, 303, 429])
  const page = await client.get('/')
  expect([page.status, page.text.includes('task 3'), page.headers['set-cookie']]).toEqual([200, true, undefined])
  // The jump has reached the service: its lines carry it.
  const days = service.lines.filter(({ message }) => message === 'POST /tasks 303').map(({ time }) => Math.round((Date.parse(String(time)) - Date.now()) / 86_400_000))
  expect(days.map((count) => count + 0)).toEqual([0, 1, -1, -1])
  service.child.kill('SIGTERM')
  client.close()
  expect(await service.exit).toBe(0)
})
