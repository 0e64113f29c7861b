import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { ok, parseBaseline, renderBaseline } from '@shiplock/findings'
import { checks } from '../checks/registry.ts'
import { readConfig } from '../config/read-config.ts'
import { policyRules } from '../policy/rules.ts'
import { findWaiverComments } from '../policy/waiver-comments.ts'
import { parseWaivers } from '../policy/waivers-file.ts'
import { explainCommand } from './explain-command.ts'

const guide = readFileSync(new URL('../../../../docs/policy.md', import.meta.url), 'utf8')
const page = readFileSync(new URL('../policy/policy.md', import.meta.url), 'utf8')
const blocks = (text: string, language: string) => [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, content = '']) => (name === language ? [content] : []))
/** Of the day on which the examples were written. */
const today = '2026-11-26'

describe('the examples of docs/policy.md', () => {
  test('the config can be read', async () => {
    const [source = ''] = blocks(guide, 'ts').filter((block) => block.includes('newOnly: false },\n'))
    const reading = await readConfig({ checks, readFile: async (path) => (path === 'shiplock.config.ts' ? ok(Buffer.from(source)) : undefined) })
    expect(reading.ok && reading.value.config.gates).toEqual(expect.arrayContaining([expect.objectContaining({ check: 'types', newOnly: false })]))
  })

  test('the baseline is as it would be written', () => {
    const [text = ''] = blocks(guide, 'json')
    const baseline = parseBaseline(text)
    expect(baseline.ok && renderBaseline(baseline.value)).toBe(text)
  })

  test('the comments waive what they say', async () => {
    const [source = ''] = blocks(guide, 'ts').filter((block) => block.includes('shiplock-ignore'))
    const comments = await findWaiverComments('example.ts', source)
    expect(comments.map(({ rules, covers, problem }) => ({ rules, code: covers.map((line) => source.split('\n')[line - 1]).some((line) => line?.startsWith('debugger')), problem }))).toEqual([
      { rules: ['lint/error'], code: true, problem: undefined },
      { rules: ['lint/error', 'lint/warning'], code: true, problem: undefined },
      { rules: ['lint/error'], code: true, problem: undefined },
    ])
  })

  test('the waivers hold', () => {
    expect(blocks(guide, 'yaml').map((text) => parseWaivers(text, today))).toMatchObject([{ problems: [], entries: [{ path: 'src/legacy/**' }, { purl: 'pkg:npm/lodash@4.17.20', advisory: 'CVE-2021-23337', vex: { status: 'not_affected' } }] }])
  })
})

describe('the page that shiplock explain prints', () => {
  test('has a section for every rule, and no other', () => {
    expect([...page.matchAll(/^## (.+)$/gm)].map(([, name]) => name)).toEqual(policyRules.map(({ id }) => id))
  })

  test('has a waiver that is refused and one that holds', () => {
    const [bad, good] = blocks(page, 'yaml').map((text) => parseWaivers(text, today))
    expect([bad?.problems.map(({ rule }) => rule), good?.problems]).toEqual([['policy/invalid-waiver'], []])
  })

  test('every rule says what to do in a sentence', () => {
    expect(policyRules.filter(({ fix }) => !/^[A-Z`].{10,}\.$/.test(fix))).toEqual([])
  })

  test('leads to its neighbours by whole paths', async () => {
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    onTestFinished(() => written.mockRestore())
    await explainCommand('terraform')
    const [, path = ''] = /\]\((\S+real-files\.md)\)/.exec(written.mock.calls.join('')) ?? []
    expect(isAbsolute(path) && existsSync(path)).toBe(true)
  })

  test.each([['Secrets', 'secrets'], ['secrets/github-tokn', 'secrets/github-token'], ['polcy', 'policy'], ['policy/unused-waver', 'policy/unused-waiver']])('a slip is told from what was meant: %s', async (name, meant) => {
    await expect(explainCommand(name)).rejects.toMatchObject({ failure: { hint: expect.stringContaining(`did you mean ${meant}? `) } })
  })

  test('knows no rule that there is not', async () => {
    await expect(explainCommand('policy/no-such-rule')).rejects.toThrow('policy has no rule "policy/no-such-rule"')
  })
})
