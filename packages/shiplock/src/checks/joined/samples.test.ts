import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { multitool, objections } from '../../testing/multitool.ts'

describe.runIf(multitool !== undefined)('Microsoft’s multitool', () => {
  test('takes the samples of SARIF that the readers are tested with for SARIF', () => {
    const files = ['gitleaks/fixtures/bad.key', 'gitleaks/fixtures/ok.nothing-found', 'zizmor/fixtures/bad.title', 'zizmor/fixtures/ok.nothing-found'].map((fixture) => [`${fixture.replaceAll('/', '-')}.sarif`, readFileSync(new URL(`../${fixture}/bin/results.json`, import.meta.url), 'utf8')] as const)
    expect(objections(files, 'Sarif').filter(({ level }) => level === 'error')).toEqual([])
  }, 120_000)
})
