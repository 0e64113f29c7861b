import { expect, test } from 'vitest'
import { checks } from '../checks/registry.ts'
import { findWaiverComments } from '../policy/waiver-comments.ts'
import { parseWaivers } from '../policy/waivers-file.ts'
import { howToWaive } from './explain-command.ts'

const rules = checks.flatMap(({ id, rules: own, joins }) => (joins ? [`${id}/any-rule`] : own.map((rule) => rule.id)))
const indented = (text: string) => text.split('\n').flatMap((line) => (line.startsWith('    ') ? [line.slice(4)] : []))

test('the entry that a rule is explained with can be read, and names an advisory where one has to be named', () => {
  for (const rule of rules) {
    const yaml = indented(howToWaive(rule)).filter((line) => !line.includes('shiplock-ignore')).join('\n').replace(/YYYY-.*/, '2026-12-31')
    expect(parseWaivers(yaml, '2026-11-26')).toMatchObject({ problems: [], entries: [{ rule, ...(/^(?:dependencies\/(?:vulnerable|malicious)|osv-scanner\/)/.test(rule) && { purl: 'pkg:npm/name@1.2.3', advisory: 'CVE-2026-12345' }) }] })
  }
})

test.each([
  ['dockerfile/apt-no-recommends', 'Dockerfile'],
  ['workflows/broad-permissions', 'ci.yml'],
  ['terraform/public-bucket', 'main.tf'],
  ['hadolint/DL3008', 'Dockerfile'],
  ['lint/error', 'a.ts'],
])('the comment that %s is explained with waives in %s', async (rule, path) => {
  const comment = indented(howToWaive(rule)).find((line) => line.includes('shiplock-ignore')) ?? ''
  expect(await findWaiverComments(path, `${comment}\nRUN x\n`)).toMatchObject([{ kind: 'shiplock-ignore', rules: [rule], reason: 'why it is acceptable here' }])
})

test.each(['dependencies/vulnerable', 'repository/security-policy-missing', 'probe/csrf-missing-token-accepted'])('no comment is offered for %s', (rule) => {
  expect(howToWaive(rule)).not.toContain('shiplock-ignore')
})
