import { join } from 'node:path'
import { findIndex, lookUp } from '@shiplock/advisories/node'
import { checks } from '../checks/registry.ts'
import { isOnePath, matchesPath } from '../policy/path-pattern.ts'
import { checkOf } from '../policy/settle.ts'
import { daysBetween, longestDays } from '../policy/waivers-file.ts'
import { listTree } from '../system/tree-listing.ts'
import { CommandFailure } from './report-failure.ts'
import { unwrap } from './session.ts'

/** The last day of a waiver, as `YYYY-MM-DD`, of what `--expires` says; one that waives nothing is a failure. */
export function lastDay(expires: string, today: string): string {
  const hint = `--expires takes a date as YYYY-MM-DD or a number of days, at most ${longestDays}`
  const day = /^\d{1,6}$/.test(expires) ? new Date(Date.parse(today) + Number(expires) * 86_400_000).toISOString().slice(0, 10) : expires
  const days = daysBetween(today, day)
  if (days === undefined) throw new CommandFailure(2, { message: `${JSON.stringify(expires.slice(0, 40))} is no day`, hint })
  if (days < 0) throw new CommandFailure(2, { message: `${day} is past: the waiver would waive nothing`, hint })
  if (days > longestDays) throw new CommandFailure(2, { message: `${day} is ${days} days ahead, more than a waiver may last`, hint })
  return day
}

/** Whether each finding of a rule is about one advisory, which its waiver names. A rule that nobody knows has none. */
export function isAboutAdvisory(rule: string): boolean {
  const check = checks.find(({ id }) => id === checkOf(rule))
  return check?.rules.find(({ id }) => id === rule)?.isPerAdvisory ?? check?.joins?.perAdvisory?.test(rule.slice(check.id.length + 1)) ?? false
}

/** Fails where no file of the tree is what a waiver names by a path from the root. */
export function knownPath(root: string, path: string): void {
  const { paths } = unwrap(listTree(root))
  if (paths.some((candidate) => matchesPath(candidate, path))) return
  const isFolder = isOnePath(path) && paths.some((candidate) => candidate.startsWith(`${path}/`))
  throw new CommandFailure(2, {
    message: isFolder ? `${JSON.stringify(path)} is a folder, and a waiver names files` : `no file of the tree is ${JSON.stringify(path)}: the waiver would waive nothing`,
    hint: isFolder ? `${join(path, '**')} is every file in it` : 'name it from the root of the repository, as the finding does; `*` within a name and `**` for any folders are patterns',
  })
}

const fingerprintShape = /^[0-9a-f]{32}(?::\d+)?$/

export function knownFingerprint(fingerprint: string): string {
  if (!fingerprintShape.test(fingerprint)) throw new CommandFailure(2, { message: `${JSON.stringify(fingerprint.slice(0, 40))} is no fingerprint`, hint: 'it is 32 hexadecimal digits; the report and --format json show it with each finding' })
  return fingerprint
}

/** Where there is an index of advisories, one that it does not have of the component is a failure. */
export function knownAdvisory(purl: string, advisory: string): void {
  const index = findIndex()
  const name = /^pkg:npm\/([^@?#]+|(?:%40|@)[^@?#]+)(?:[@?#]|$)/.exec(purl)?.[1]
  if (!index || name === undefined) return
  const component = decodeURIComponent(name)
  const known = lookUp(index, [component])
  if (!known.ok) return
  const names = (known.value.get(component) ?? []).map(({ id, aliases }) => [id, ...aliases])
  if (names.flat().some((one) => one.toLowerCase() === advisory.toLowerCase())) return
  const some = names.slice(0, 10).map(([id]) => id ?? '')
  throw new CommandFailure(2, { message: `the index of advisories has no ${JSON.stringify(advisory.slice(0, 40))} of ${component}`, hint: some.length === 0 ? 'it knows of no flaw of that component' : `it has ${some.join(', ')}${names.length > some.length ? ` and ${names.length - some.length} more` : ''}` })
}
