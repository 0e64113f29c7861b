import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { RuleId } from '@shiplock/findings'
import { checkPage } from '../cli/check-documents.ts'
import { checksDirectory, listFixtures, listRuleFixtures, runFixture, type Fixture } from '../testing/check-fixtures.ts'
import type { Check } from './check.ts'
import { checks, registry } from './registry.ts'

// UPDATE_FIXTURES=1 writes what the checks say into expected.txt, for a person to read before it is committed.
const isUpdating = process.env['UPDATE_FIXTURES'] !== undefined

describe.for(checks.map((check) => [check.id, check] as const))('%s', ([id, check]) => {
  const fixtures = listFixtures(id)
  const ownFolders = check.ruleFolders ? readdirSync(check.ruleFolders, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name) : []
  const shown = new Set<string>()

  test('has the id of its folder', () => {
    expect(Object.entries(registry).find(([, value]) => (value as Check) === check)?.[0]).toBe(id)
    expect(existsSync(join(checksDirectory, id, 'index.ts'))).toBe(true)
  })

  test('has rules with kebab-case ids below its own and one file each', () => {
    expect(check.rules.map((rule) => rule.id).filter((rule) => !new RegExp(`^${id}/[a-z0-9]+(?:-[a-z0-9]+)*$`).test(rule))).toEqual([])
    expect(new Set(check.rules.map((rule) => rule.id)).size).toBe(check.rules.length)
    const directory = join(checksDirectory, id, 'rules')
    // What another program finds has that program's rules.
    expect([...(existsSync(directory) || !check.joins ? readdirSync(directory) : []), ...ownFolders].toSorted()).toEqual(
      check.rules.map((rule) => nameOf(rule.id)).map((name) => (ownFolders.includes(name) ? name : `${name}.ts`)).toSorted(),
    )
  })

  test('has short numbers that name one rule each', () => {
    const aliases = check.rules.flatMap(({ alias }) => alias ?? [])
    expect(aliases.filter((alias) => !/^SL\d{3}$/.test(alias))).toEqual([])
    expect(new Set(aliases).size).toBe(aliases.length)
  })

  test('has a fix for every rule, in a sentence', () => {
    expect(check.rules.filter((rule) => !/^[A-Z`].{10,}\.$/.test(rule.fix)).map((rule) => rule.id)).toEqual([])
  })

  test('has a page with a section for every rule and a word on every option', () => {
    const page = checkPage(check)
    expect(page).toMatch(/^# /)
    expect(check.rules.filter((rule) => !page.includes(`\n## ${rule.id}\n`)).map((rule) => rule.id)).toEqual([])
    expect(optionNames(check).filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })

  test('says which rules of ours another program has too, and runs only where it is asked for', () => {
    if (!check.joins) return
    const known = new Set(checks.flatMap(({ rules }) => rules.map((rule) => rule.id as string)))
    const isKnown = (rule: string) => known.has(rule) || (rule.endsWith('/*') && checks.some((other) => rule === `${other.id}/*`))
    expect(Object.values(check.joins.sameAs).flat().filter((rule) => !isKnown(rule))).toEqual([])
    expect(readFileSync(join(checksDirectory, id, `${id}.md`), 'utf8')).toContain('\n## Its rules\n')
    expect([check.isOptIn, check.executes]).toEqual([true, false])
  })

  test('has a default and a description for every option, and refuses others', () => {
    expect(check.options.safeParse({}).success).toBe(true)
    expect(check.options.safeParse({ 'no-such-option': 1 }).success).toBe(false)
    const { properties = {} } = z.toJSONSchema(check.options, { io: 'input' })
    const undescribed = Object.entries(properties).filter(([, schema]) => typeof schema === 'boolean' || !schema.description)
    expect(undescribed.map(([name]) => name)).toEqual([])
  })

  test('has a fixture without findings', () => {
    expect(fixtures.filter(({ isBad }) => !isBad)).not.toEqual([])
    expect(fixtures.filter(({ name }) => !/^(?:ok|bad)\.[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name)).map(({ name }) => name)).toEqual([])
  })

  test.for(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', async ([, fixture], { signal }) => {
    const { outcome, text, wroteInTree } = await runFixture(check, fixture, signal)
    if (outcome.kind === 'completed') for (const { rule } of outcome.findings) shown.add(rule)
    if (isUpdating && (fixture.isBad || outcome.kind !== 'completed')) writeFileSync(join(fixture.directory, 'expected.txt'), text)
    expect(text).toBe(expected(fixture))
    expect(fixture.isBad).toBe(outcome.kind === 'completed' && outcome.findings.length > 0)
    expect(wroteInTree).toBe(false)
    expect((await runFixture(check, fixture, signal)).text).toBe(text)
  })

  // A rule with a folder of its own has fixtures of its own. What else is wrong with a program may be told as well.
  const ofRules = check.rules.flatMap((rule) => (check.ruleFolders ? listRuleFixtures(check.ruleFolders, nameOf(rule.id)).map((fixture) => [`${nameOf(rule.id)}/${fixture.name}`, rule.id, fixture] as const) : []))

  test.for(ofRules)('%s', async ([, rule, fixture], { signal }) => {
    const { outcome, text, wroteInTree } = await runFixture(check, fixture, signal)
    if (outcome.kind !== 'completed') throw new Error(text)
    const ids = new Set(outcome.findings.map((finding) => finding.rule))
    if (fixture.isBad) expect([...ids], text).toContain(rule)
    else expect([...ids], text).not.toContain(rule)
    for (const id of ids) shown.add(id)
    for (const { flow } of outcome.findings) if (flow) expect(flow.length, text).toBeGreaterThan(1)
    const isWritten = existsSync(join(fixture.directory, 'expected.txt'))
    if (isUpdating && isWritten) writeFileSync(join(fixture.directory, 'expected.txt'), text)
    if (isWritten) expect(text).toBe(readFileSync(join(fixture.directory, 'expected.txt'), 'utf8'))
    expect(wroteInTree).toBe(false)
  })

  test('has for each rule with a folder of its own a fixture without its finding', () => {
    const named = new Set(ofRules.filter(([, , { isBad }]) => !isBad).map(([, rule]) => rule))
    expect(ownFolders.map((name): string => `${id}/${name}`).filter((rule) => !named.has(rule as RuleId))).toEqual([])
  })

  test('has a bad fixture that shows each rule', () => {
    expect(check.rules.map((rule) => rule.id).filter((rule) => !shown.has(rule))).toEqual([])
  })
})


const nameOf = (rule: string) => rule.slice(rule.indexOf('/') + 1)

const optionNames = (check: Check) => Object.keys(z.toJSONSchema(check.options, { io: 'input' }).properties ?? {})

function expected({ directory, isBad }: Fixture): string {
  const path = join(directory, 'expected.txt')
  return isBad || existsSync(path) ? readFileSync(path, 'utf8') : ''
}
