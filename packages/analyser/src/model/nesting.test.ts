import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nestings } from './nesting.test-data.ts'

test('whatever is nested, and however deeply, is read or refused, and the process lives', () => {
  // In a process of its own, since that is what a parser whose stack is full would end.
  const { status, signal, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'nesting.test-data.ts')], { encoding: 'utf8' })
  const lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as [name: string, count: number, problem: string])
  expect({ status, signal, last: lines.at(-1) }).toMatchObject({ status: 0, signal: null })
  expect(lines).toHaveLength(Object.keys(nestings).length * 5)
  expect(lines.filter(([, count, problem]) => count === 100 && problem !== '')).toEqual([])
  const refused = lines.filter(([, , problem]) => /^too-(?:deep|large)$/.test(problem))
  expect(lines.filter(([, , problem]) => problem !== '' && !/^too-(?:deep|large)$/.test(problem))).toEqual([])
  expect(refused.length).toBeGreaterThan(lines.length / 3)
}, 120_000)
