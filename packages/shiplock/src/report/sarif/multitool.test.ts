import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Log } from 'sarif'
import { describe, expect, test } from 'vitest'
import { hostileTexts } from '../hostile-texts.test-data.ts'
import { refusedRecord, sampleRecords, withEveryString } from '../sample-records.test-data.ts'
import { renderSarif } from './render-sarif.ts'

/** Microsoft's judge of SARIF files, with GitHub's own rules in it. 100 MB, so it is there only where somebody installed it. */
const multitool = findMultitool()

test('Microsoft’s multitool is there in CI (npm install @microsoft/sarif-multitool-linux)', ({ skip }) => {
  if (process.env['CI'] === undefined) skip('only CI installs it')
  expect(multitool).toBeDefined()
})

describe.runIf(multitool !== undefined)('Microsoft’s multitool', () => {
  test('finds nothing wrong by its own rules and by GitHub’s, whatever the texts are', () => {
    const samples = sampleRecords.map((record, index) => [`sample-${index}`, record] as const)
    const hostile = hostileTexts.map((text, index) => [`hostile-${index}`, { ...withEveryString(refusedRecord, text), tool: refusedRecord.tool }] as const)
    const files = [...samples, ...hostile].map(([name, record]) => [`${name}.sarif`, renderSarif(record, []).text] as const)
    // Shiplock has no page of its own that a file could lead to.
    expect(objections(files).filter(({ rule }) => rule !== 'SARIF2005')).toEqual([])
  }, 120_000)

  test('would tell a file that GitHub refuses', () => {
    const text = renderSarif(refusedRecord, []).text.replace('"fullDescription"', '"properties2"')
    expect(objections([['broken.sarif', text]]).map(({ level }) => level)).toContain('error')
  }, 120_000)
})

function objections(files: readonly (readonly [string, string])[]): { file: string; rule: string; level: string }[] {
  const directory = mkdtempSync(join(tmpdir(), 'shiplock-sarif-'))
  try {
    for (const [name, text] of files) writeFileSync(join(directory, name), text)
    const output = join(directory, 'judgement.json')
    const { status, stderr } = spawnSync(multitool ?? '', ['validate', ...files.map(([name]) => join(directory, name)), '--rule-kind', 'Sarif;Ghas', '--output', output, '--quiet'], {
      encoding: 'utf8',
      // Debian without libicu is enough for it.
      env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1', DOTNET_BUNDLE_EXTRACT_BASE_DIR: join(directory, 'dotnet') },
    })
    expect(status, stderr).toBe(0)
    const log: Log = JSON.parse(readFileSync(output, 'utf8'))
    return log.runs.flatMap(({ results }) =>
      (results ?? []).map(({ ruleId = '', level = 'warning', locations }) => ({ file: locations?.[0]?.physicalLocation?.artifactLocation?.uri ?? '', rule: ruleId, level })),
    )
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function findMultitool(): string | undefined {
  const require = createRequire(import.meta.url)
  try {
    return join(dirname(require.resolve('@microsoft/sarif-multitool-linux/package.json')), 'Sarif.Multitool')
  } catch {
    // Not installed: the first test says so where it matters.
    return undefined
  }
}
