import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../testing/test-app.ts'
import { createLogOutput } from './log-output.ts'

test('lines are written in their order, soon, and without being asked to', async () => {
  const path = join(temporaryFolder(), 'log')
  const output = createLogOutput(openSync(path, 'w'))
  for (let line = 0; line < 5_000; line++) output.write(`${line} ${'x'.repeat(50)}\n`)
  await new Promise((resolve) => setTimeout(resolve, 20))
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  expect(lines.map((line) => Number(line.split(' ')[0]))).toEqual(Array.from({ length: 5_000 }, (_, index) => index))
})
