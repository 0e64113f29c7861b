import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openProcessRecords } from './process-records.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'process-records-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function sleeper() {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true })
  return { child, pid: child.pid!, exited: once(child, 'exit') }
}

test('a process that an emulator left is ended', async () => {
  const orphan = sleeper()
  openProcessRecords(directory).add(orphan.pid)
  expect(await openProcessRecords(directory).endOrphans(1000)).toBe(1)
  expect(await orphan.exited).toEqual([null, 'SIGTERM'])
  expect(readdirSync(directory)).toEqual([])
})

test.for(['startTime', 'boot'])('a stranger that got the id later, with another %s, is left alone', async (field) => {
  const stranger = sleeper()
  openProcessRecords(directory).add(stranger.pid)
  const file = join(directory, `${stranger.pid}.json`)
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), [field]: '1' }))
  expect(await openProcessRecords(directory).endOrphans(1000)).toBe(0)
  expect(stranger.child.exitCode).toBe(null)
  expect(stranger.child.signalCode).toBe(null)
  stranger.child.kill('SIGKILL')
  expect(await stranger.exited).toEqual([null, 'SIGKILL'])
})

test.for(['', '{"pid":1,"startTime":"1","boot":""}', '{"pid":-1}', '[]', '{'])(
  'a damaged record (%s) ends nothing and is removed',
  async (content) => {
    writeFileSync(join(directory, '1.json'), content)
    expect(await openProcessRecords(directory).endOrphans(10)).toBe(0)
    expect(readdirSync(directory)).toEqual([])
  },
)
