import { execFileSync, spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { readMetrics } from '../../src/testing/read-metrics.ts'

const hasPromtool = process.env['CI'] !== undefined || spawnSync('promtool', ['--version']).status === 0
if (!hasPromtool) console.warn("SKIPPED: promtool does not judge the metrics: it is not on PATH (Debian's package prometheus)")

test.skipIf(!hasPromtool)("promtool finds nothing to say (needs promtool, from Debian's package prometheus)", async () => {
  expect(execFileSync('promtool', ['check', 'metrics'], { input: await readMetrics(), encoding: 'utf8' })).toBe('')
})
