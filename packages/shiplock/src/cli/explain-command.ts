import { readFileSync } from 'node:fs'
import { checks, ruleOfAlias } from '../checks/registry.ts'
import { policyRules } from '../policy/rules.ts'
import { ruleSection, whyItMatters } from '../report/check-document.ts'
import { checkPage } from './check-documents.ts'
import { CommandFailure } from './report-failure.ts'

/** `shiplock explain`: the page of a check, or the section of a rule in it. */
export async function explainCommand(asked: string): Promise<number> {
  const name = ruleOfAlias.get(asked.toUpperCase()) ?? asked
  const id = name.split('/')[0] ?? name
  const check = checks.find((candidate) => candidate.id === id)
  const rules = id === 'policy' ? policyRules : check?.rules
  if (!rules) throw new CommandFailure(2, { message: `there is no check or rule ${JSON.stringify(name)}`, hint: `the checks are ${[...checks.map((candidate) => candidate.id), 'policy'].join(', ')}` })
  const page = check ? checkPage(check) : readFileSync(new URL('../policy/policy.md', import.meta.url), 'utf8')
  if (name === id) return print(page)
  // A rule of another program's has no section of its own.
  const section = ruleSection(page, name) ?? (joined.has(id) ? ruleSection(page, joinedRulesSection) : undefined)
  if (section === undefined) throw new CommandFailure(2, { message: `${id} has no rule ${JSON.stringify(name)}`, hint: `its rules are ${rules.map((rule) => rule.id).join(', ')}` })
  // What is wrong with a waiver is not waived.
  const waiving = id === 'policy' ? '' : howToWaive(name)
  return print([section, whyItMatters(page) ?? '', waiving].map((part) => part.trim()).filter((part) => part !== '').join('\n\n'))
}

/** Of each page of a check that hands on what another program finds. */
const joinedRulesSection = 'Its rules'
const joined: ReadonlySet<string> = new Set(checks.filter(({ joins }) => joins).map(({ id }) => id))

/** What every finding points here for. */
const howToWaive = (rule: string) => `**To waive a finding** that is meant as it is, say why. On its line, or on a line of its own above it:

    // shiplock-ignore ${rule} -- why it is acceptable here

or as an entry of \`shiplock.waivers.yaml\`, where no comment can stand or more than one place is meant:

    - rule: ${rule}
      path: src/legacy/**
      reason: why it is acceptable here
      owner: who answers for it
      expires: YYYY-MM-DD, at most 180 days ahead

Without a reason it waives nothing.`

function print(text: string): number {
  process.stdout.write(`${text.trimEnd()}\n`)
  return 0
}
