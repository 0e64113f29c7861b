import { readFileSync } from 'node:fs'
import type { CheckDocument } from '../report/check-document.ts'
import { checks } from '../checks/registry.ts'

/** What every check says of itself, its page included. */
export function checkDocuments(): CheckDocument[] {
  return checks.map(({ id, title, rules }) => ({ id, title, rules, page: readFileSync(new URL(`../checks/${id}/${id}.md`, import.meta.url), 'utf8') }))
}
