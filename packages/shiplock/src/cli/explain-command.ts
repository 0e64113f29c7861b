import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { checks, ruleOfAlias } from '../checks/registry.ts'
import { nearestName } from '../config/nearest-name.ts'
import { policyRules } from '../policy/rules.ts'
import { ruleSection, whyItMatters } from '../report/check-document.ts'
import { checkPage } from './check-documents.ts'
import { CommandFailure } from './report-failure.ts'
import { isAboutAdvisory } from './waiver-target.ts'

/** `shiplock explain`: the page of a check, or the section of a rule in it. */
export async function explainCommand(asked: string): Promise<number> {
  const name = ruleOfAlias.get(asked.toUpperCase()) ?? asked
  const id = name.split('/')[0] ?? name
  const check = checks.find((candidate) => candidate.id === id)
  const rules = id === 'policy' ? policyRules : check?.rules
  if (!rules) throw new CommandFailure(2, { message: `there is no check or rule ${JSON.stringify(name)}`, hint: `${didYouMean(name)}the checks are ${[...checks.map((candidate) => candidate.id), 'policy'].join(', ')}` })
  const address = new URL(check ? `../checks/${id}/${id}.md` : '../policy/policy.md', import.meta.url)
  const page = withWholeLinks(check ? checkPage(check) : readFileSync(address, 'utf8'), address)
  if (name === id) return print(page)
  // A rule of another program's has no section of its own.
  const section = ruleSection(page, name) ?? (joined.has(id) ? ruleSection(page, joinedRulesSection) : undefined)
  if (section === undefined) throw new CommandFailure(2, { message: `${id} has no rule ${JSON.stringify(name)}`, hint: `${didYouMean(name)}its rules are ${rules.map((rule) => rule.id).join(', ')}` })
  // What is wrong with a waiver is not waived.
  const waiving = id === 'policy' ? '' : howToWaive(name)
  return print([section, whyItMatters(page) ?? '', waiving].map((part) => part.trim()).filter((part) => part !== '').join('\n\n'))
}

/** Of checks and rules; empty where none is near. */
function didYouMean(name: string): string {
  const near = nearestName(name, name.includes('/') ? [...checks.flatMap(({ rules }) => rules), ...policyRules].map(({ id }) => id) : [...checks.map(({ id }) => id), 'policy'])
  return near === undefined ? '' : `did you mean ${near}? `
}

/** A page leads to its neighbours by their names alone, and on a terminal nobody knows where those are. */
const withWholeLinks = (page: string, from: URL) => page.replaceAll(/\]\((?![a-z]+:|#)([^)\s]+)\)/g, (_, to: string) => `](${fileURLToPath(new URL(to, from))})`)

/** Of each page of a check that hands on what another program finds. */
const joinedRulesSection = 'Its rules'
const joined: ReadonlySet<string> = new Set(checks.filter(({ joins }) => joins).map(({ id }) => id))

/** What every finding points here for: a waiver that would count for this rule, as it is written where the rule finds something. */
export function howToWaive(rule: string): string {
  const check = checks.find(({ id }) => id === rule.split('/', 1)[0])
  const { commentSign = '//' } = check ?? {}
  if (isAboutAdvisory(rule)) return waivedByAdvisory(rule)
  const inFile = `    - rule: ${rule}
      path: ${commentSign === '//' ? 'src/legacy/**' : 'path/to/the/file'}
      reason: why it is acceptable here
      owner: who answers for it
      expires: YYYY-MM-DD, at most 180 days ahead

\`shiplock waive ${rule} PATH --reason TEXT\` writes it; the path of a finding without a file is \`.\`. Without a reason it waives nothing.`
  if (commentSign === 'none') return `**To waive a finding** that is meant as it is, say why, as an entry of \`shiplock.waivers.yaml\`:\n\n${inFile}`
  return `**To waive a finding** that is meant as it is, say why. On its line, or on a line of its own above it:

    ${commentSign} shiplock-ignore ${rule} -- why it is acceptable here

(or in whatever the file has for comments), or as an entry of \`shiplock.waivers.yaml\`, where no comment can stand or more than one place is meant:

${inFile}`
}

const waivedByAdvisory = (rule: string) => `**To waive a finding** that does no harm here, say why, as an entry of \`shiplock.waivers.yaml\`. It names the component and the one advisory, as the finding does:

    - rule: ${rule}
      purl: pkg:npm/name@1.2.3
      advisory: CVE-2026-12345
      reason: why it does no harm here
      owner: who answers for it
      expires: YYYY-MM-DD, at most 180 days ahead

\`shiplock waive ${rule} pkg:npm/name@1.2.3 --advisory CVE-2026-12345 --reason TEXT\` writes it. A comment waives none, and without a reason the entry does not either.`

function print(text: string): number {
  process.stdout.write(`${text.trimEnd()}\n`)
  return 0
}
