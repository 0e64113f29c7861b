import type { Rule } from '@shiplock/findings'

/** What a check says of itself: a report explains rules by it, and knows no registry and no files. */
export interface CheckDocument {
  readonly id: string
  readonly title: string
  readonly rules: readonly Rule[]
  /** Its page, `<id>.md`. */
  readonly page: string
}

/** The section of the page that explains a rule, heading included. */
export function ruleSection(page: string, rule: string): string | undefined {
  return sections(page).find((section) => section.startsWith(`## ${rule}\n`))
}

/** Why the check exists, heading included. */
export function whyItMatters(page: string): string | undefined {
  return sections(page).find((section) => section.startsWith('## Why it matters\n'))
}

const sections = (page: string) => page.split(/^(?=## )/m)
