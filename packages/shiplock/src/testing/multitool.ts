import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import type { Log } from 'sarif'

/** Microsoft's judge of SARIF files, with GitHub's own rules in it. 100 MB, so it is there only where somebody installed it. */
export const multitool = findMultitool()

/** What it objects to in files of these names and texts. */
export function objections(files: readonly (readonly [string, string])[], kinds = 'Sarif;Ghas'): { file: string; rule: string; level: string }[] {
  const directory = mkdtempSync(join(tmpdir(), 'shiplock-sarif-'))
  try {
    for (const [name, text] of files) writeFileSync(join(directory, name), text)
    const output = join(directory, 'judgement.json')
    const { status, stderr } = spawnSync(multitool ?? '', ['validate', ...files.map(([name]) => join(directory, name)), '--rule-kind', kinds, '--output', output, '--quiet'], {
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
