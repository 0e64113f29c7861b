import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { BoundedLog } from '../state/bounded-log.ts'
import { startRig } from '../testing/rig.ts'
import { ContainerLog } from './container-log.ts'

const directory = mkdtempSync(join(tmpdir(), 'container-log-'))
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const source = { project: 'p', resource: { type: 'cloud_run_revision', labels: { service_name: 's' } }, labels: { a: 'b' } }

/** The entries that chunks of standard output become. */
async function entriesOf(...chunks: (string | Buffer)[]): Promise<readonly Record<string, unknown>[]> {
  const file = join(mkdtempSync(join(tmpdir(), 'container-log-')), 'log')
  const log = new BoundedLog(file)
  const container = new ContainerLog(log, source)
  for (const chunk of chunks) container.add('stdout', Buffer.from(chunk as string))
  container.end()
  await log.close()
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('a line of text is an entry without a severity', async () => {
  const [entry] = await entriesOf('hello\u001b[31m\r\n')
  expect(entry).toMatchObject({
    severity: 'DEFAULT',
    textPayload: 'hello\u001b[31m',
    logName: 'projects/p/logs/run.googleapis.com%2Fstdout',
    resource: source.resource,
    labels: { a: 'b' },
  })
})

test("the special fields of a structured line become the entry's own", async () => {
  const [entry] = await entriesOf(
    `${JSON.stringify({
      severity: 'warning',
      message: 'slow',
      time: '2026-01-02T03:04:05Z',
      httpRequest: { status: 200 },
      'logging.googleapis.com/trace': 'projects/p/traces/t',
      'logging.googleapis.com/spanId': '00f1',
      'logging.googleapis.com/trace_sampled': true,
      'logging.googleapis.com/labels': { c: 'd' },
      'logging.googleapis.com/sourceLocation': { file: 'x.ts' },
      user: 7,
    })}\n`,
  )
  expect(entry).toMatchObject({
    severity: 'WARNING',
    timestamp: '2026-01-02T03:04:05.000Z',
    jsonPayload: { message: 'slow', user: 7 },
    httpRequest: { status: 200 },
    trace: 'projects/p/traces/t',
    spanId: '00f1',
    traceSampled: true,
    labels: { a: 'b', c: 'd' },
    sourceLocation: { file: 'x.ts' },
  })
  expect(await entriesOf('{"severity":"INFO","message":"only"}\n')).toMatchObject([{ severity: 'INFO', textPayload: 'only' }])
})

test('a line counts when it is whole, and a last one without an end too', async () => {
  const euro = Buffer.from('€')
  expect((await entriesOf('one ', euro.subarray(0, 1), euro.subarray(1), '\ntwo')).map(({ textPayload }) => textPayload)).toEqual(['one €', 'two'])
})

test('what is no JSON object, or a line too long to be an entry, is text', async () => {
  expect((await entriesOf('{broken\n[1]\n')).map(({ textPayload }) => textPayload)).toEqual(['{broken', '[1]'])
  const long = await entriesOf('x'.repeat(450_000))
  expect(long.map(({ textPayload }) => String(textPayload).length)).toEqual([200_000, 200_000, 50_000])
})

test('what an instance prints is in the log of its revision and is counted by severity', async () => {
  await using rig = await startRig()
  const template = rig.template('exits', { revision: 'todo-one' })
  await rig.settled('POST', 'services?serviceId=todo', { template })
  expect(rig.entries('todo')).toMatchObject([
    { logName: expect.stringMatching(/stdout$/), textPayload: 'starting todo-one in mode exits', resource: { labels: { revision_name: 'todo-one' } } },
    { logName: expect.stringMatching(/stderr$/), textPayload: 'cannot reach the database \u001b[31mdb.internal\u001b[0m' },
  ])
  const metrics = await fetch(`${rig.emulator.admin.url}/metrics`, { headers: { authorization: `Bearer ${rig.token}` } })
  expect(await metrics.text()).toMatch(/log_entry_count\{.*log="run.googleapis.com\/stderr",severity="DEFAULT"\} 1/)
})
