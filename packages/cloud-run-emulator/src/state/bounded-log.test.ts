import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BoundedLog } from './bounded-log.ts'

let file: string
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'bounded-log-')), 'x.log')
})
afterEach(() => rmSync(join(file, '..'), { recursive: true, force: true }))

test('at its size a log begins anew and keeps the one before', async () => {
  const log = new BoundedLog(file, 10)
  for (const line of ['aaaa\n', 'bbbb\n', 'cccc\n', 'dddd\n', 'eeee\n']) log.write(line)
  await log.close()
  expect(readFileSync(`${file}.1`, 'utf8')).toBe('cccc\ndddd\n')
  expect(readFileSync(file, 'utf8')).toBe('eeee\n')
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('a log that is opened again goes on where it was', async () => {
  for (const line of ['one\n', 'two\n']) {
    const log = new BoundedLog(file, 100)
    log.write(line)
    await log.close()
  }
  expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n')
})
