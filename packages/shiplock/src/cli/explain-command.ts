import { readFileSync } from 'node:fs'
import { checks } from '../checks/registry.ts'
import { policyRules } from '../policy/rules.ts'
import { CommandFailure } from './report-failure.ts'

/** `shiplock explain`: the page of a check, or the section of a rule in it. */
export async function explainCommand(name: string): Promise<number> {
  const id = name.split('/')[0] ?? name
  const check = id === 'policy' ? { rules: policyRules, page: '../policy/policy.md' } : pageOf(id)
  if (!check) throw new CommandFailure(2, { message: `there is no check or rule ${JSON.stringify(name)}`, hint: `the checks are ${[...checks.map((candidate) => candidate.id), 'policy'].join(', ')}` })
  const page = readFileSync(new URL(check.page, import.meta.url), 'utf8')
  if (name === id) return print(page)
  const section = page.split(/^(?=## )/m).find((part) => part.startsWith(`## ${name}\n`))
  if (section === undefined) throw new CommandFailure(2, { message: `${id} has no rule ${JSON.stringify(name)}`, hint: `its rules are ${check.rules.map((rule) => rule.id).join(', ')}` })
  return print(section)
}

function pageOf(id: string) {
  const check = checks.find((candidate) => candidate.id === id)
  return check && { rules: check.rules, page: `../checks/${id}/${id}.md` }
}

function print(text: string): number {
  process.stdout.write(`${text.trimEnd()}\n`)
  return 0
}
