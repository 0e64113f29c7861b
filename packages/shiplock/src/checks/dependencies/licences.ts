import satisfies from 'spdx-satisfies'

/** Whether an SPDX expression is met by licences of the list. What is no expression is allowed by its very words alone. */
export function isAllowedLicence(expression: string, allowed: readonly string[]): boolean {
  if (allowed.includes(expression)) return true
  try {
    return satisfies(expression, [...allowed])
  } catch {
    // `SEE LICENSE IN …`, `UNLICENSED` and misspelt identifiers say nothing that could be allowed.
    return false
  }
}
