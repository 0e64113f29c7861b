import parse, { type Expression, type Licence } from 'spdx-expression-parse'
import satisfies from 'spdx-satisfies'
import type { DependenciesOptions } from './index.ts'

type Policy = Pick<DependenciesOptions, 'licences' | 'deniedLicences'>

/** Whether the options say anything of licences. */
export const hasPolicy = ({ licences, deniedLicences }: Policy): boolean => licences.length > 0 || deniedLicences.length > 0

/** Longer than any that means something. */
const longestExpression = 1000

/** Whether an SPDX expression can be met by what the options allow. What is no expression is allowed by its very words alone. */
export function isAllowedLicence(expression: string, { licences, deniedLicences }: Policy): boolean {
  if (deniedLicences.includes(expression)) return false
  if (licences.includes(expression)) return true
  const read = expression.length > longestExpression ? undefined : parsed(expression)
  // `SEE LICENSE IN …`, `UNLICENSED` and misspelt identifiers say nothing that a list could allow.
  if (read === undefined) return false
  const denied = new Set(deniedLicences.map(familiar))
  return canBeMet(read, (it) => !denied.has(familiar(written(it, false))) && (licences.length === 0 || isOneOf(written(it, true), licences)))
}

/** Walked here and not expanded by the library, which is given one licence at a time: alternatives multiply. */
const canBeMet = (it: Expression, isAllowed: (licence: Licence) => boolean): boolean =>
  'conjunction' in it ? (it.conjunction === 'and' ? canBeMet(it.left, isAllowed) && canBeMet(it.right, isAllowed) : canBeMet(it.left, isAllowed) || canBeMet(it.right, isAllowed)) : isAllowed(it)

const written = ({ license, plus, exception }: Licence, isWhole: boolean) => `${license}${plus === true ? '+' : ''}${isWhole && exception !== undefined ? ` WITH ${exception}` : ''}`

/** GNU licences have an old way of writing and a new one. */
const familiar = (id: string) => id.replace(/-only$/, '').replace(/-or-later$/, '+')

function parsed(expression: string): Expression | undefined {
  try {
    return parse(expression)
  } catch {
    // No expression: the caller has the answer to that.
    return undefined
  }
}

function isOneOf(licence: string, licences: readonly string[]): boolean {
  try {
    return satisfies(licence, [...licences])
  } catch {
    // The library wants identifiers of SPDX in the list too; others were compared word by word.
    return licences.includes(licence)
  }
}
