import { existsSync, readFileSync } from 'node:fs'
import type { Check } from '../checks/check.ts'
import { checks } from '../checks/registry.ts'
import type { CheckDocument } from '../report/check-document.ts'

/** What every check says of itself, its page included. */
export function checkDocuments(): CheckDocument[] {
  return checks.map((check) => ({ id: check.id, title: check.title, rules: check.rules, page: checkPage(check) }))
}

/** The page of a check: `<id>.md`, and a section for each rule that has a page of its own. */
export function checkPage({ id, rules, ruleFolders }: Pick<Check, 'id' | 'rules' | 'ruleFolders'>): string {
  const page = readFileSync(new URL(`../checks/${id}/${id}.md`, import.meta.url), 'utf8').trimEnd()
  const sections = ruleFolders ? rules.flatMap((rule) => rulePage(rule.id, ruleFolders) ?? []) : []
  return `${[page, ...sections].join('\n\n')}\n`
}

/** The page of a rule as a section of its check's, its own headings one level below. */
function rulePage(rule: string, ruleFolders: URL): string | undefined {
  const name = rule.slice(rule.indexOf('/') + 1)
  const path = new URL(`${name}/${name}.md`, ruleFolders)
  if (!existsSync(path)) return undefined
  const text = readFileSync(path, 'utf8').replace(/^#+ .*\n/, '').trim()
  return `## ${rule}\n\n${text.replace(/^#{1,5}(?= )/gm, (marks) => `${'#'.repeat(Math.max(3, marks.length + 1))}`)}`
}
