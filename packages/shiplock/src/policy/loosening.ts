import { confidences, isSameComponent, severities, type BaselineEntry, type FindingDraft, type Gate, type WaiverEntry } from '@shiplock/findings'
import { isOnePath, matchesPath } from './path-pattern.ts'
import { baselinePath, waives, waiversPath, wholeTree } from './settle.ts'
import type { WaiverComment } from './waiver-comments.ts'

/**
 * A change is judged by the policy of its merge base. What would loosen it does not count yet and is a finding; what
 * tightens it counts at once. So each function here takes what the merge base has and what the change has, and gives the
 * stricter of the two.
 */
export interface Stricter<T> {
  readonly effective: T
  readonly loosened: readonly FindingDraft[]
}

/** The part of the config that judges. */
export interface JudgingConfig {
  /** Options by check; one that is switched off is absent. */
  readonly checks: Readonly<Record<string, unknown>>
  readonly gates: readonly Gate[]
}

const loosenedIn = (path: string, message: string, line?: number): FindingDraft => ({ rule: 'policy/loosened', message, location: { path, ...(line !== undefined && { startLine: line }) } })

/** `path` is where the change's config is, or was; `pathBefore` that of the merge base, where there is one. */
export function stricterConfig(base: JudgingConfig, head: JudgingConfig, path: string, pathBefore = path): Stricter<JudgingConfig> {
  // One that was renamed is still for those who own the old name to approve.
  const related = pathBefore === path ? {} : { related: [{ path: pathBefore }] }
  const loosenedHere = (text: string) => ({ ...loosenedIn(path, text), ...related })
  const checks: Record<string, unknown> = { ...head.checks }
  const gates: Gate[] = head.gates.filter(({ check }) => !(check in base.checks))
  const loosened: FindingDraft[] = []
  for (const [check, options] of Object.entries(base.checks)) {
    const before = base.gates.find((gate) => gate.check === check)
    const isOn = check in head.checks
    if (!isOn) loosened.push(loosenedHere(`the change switches the check ${check} off`))
    const stricter = isOn ? stricterOptions(options, head.checks[check], ['checks', check]) : { effective: options, changes: [] }
    checks[check] = stricter.effective
    loosened.push(...stricter.changes.map(loosenedHere))
    if (!before) continue
    const after = head.gates.find((gate) => gate.check === check)
    const gate = isOn && after ? stricterGate(before, after) : { effective: before, changes: [] }
    gates.push(gate.effective)
    loosened.push(...gate.changes.map(loosenedHere))
  }
  return { effective: { checks, gates: gates.toSorted((a, b) => (a.check < b.check ? -1 : 1)) }, loosened }
}

function stricterGate(before: Gate, after: Gate): { effective: Gate; changes: string[] } {
  const changes: string[] = []
  const choose = <T>(field: keyof Gate, was: T, is: T, isLooser: boolean): T => {
    if (isLooser) changes.push(`the change lowers the gate: gates.${before.check}.${field} from ${JSON.stringify(was)} to ${JSON.stringify(is)}`)
    return isLooser ? was : is
  }
  const failOn = [...severities, 'never']
  return {
    effective: {
      check: before.check,
      failOn: choose('failOn', before.failOn, after.failOn, failOn.indexOf(after.failOn) > failOn.indexOf(before.failOn)),
      minConfidence: choose('minConfidence', before.minConfidence, after.minConfidence, confidences.indexOf(after.minConfidence) > confidences.indexOf(before.minConfidence)),
      newOnly: choose('newOnly', before.newOnly, after.newOnly, after.newOnly && !before.newOnly),
      optional: choose('optional', before.optional, after.optional, after.optional && !before.optional),
    },
    changes,
  }
}

/** Of these more is harmless; with less a check may not end in time, and one whose gate is optional then stops nothing. */
const timeLimit = /^timeout(?:Seconds|Ms)?$/i
/** Options that take something out: more of them is less that is found. */
const exempting = /allow|ignore|exclude|skip|omit|disable|optional|trusted|licences$|registries|firstParty/i
/** Lists of which more is more that is found. Of any other list it is not known, and a change of it is taken to be looser. */
const enforcing = /^(?:reads|denied\w*|required\w*)$/i
/** Lists that allow what they name and nothing else, but anything where they name nothing. */
const anyWhereEmpty = /licences$|registries/i

/** Where it cannot be told whether other options find less, they are taken to: the merge base's hold until the merge. */
function stricterOptions(before: unknown, after: unknown, at: readonly string[]): { effective: unknown; changes: string[] } {
  const name = at.at(-1) ?? ''
  if (JSON.stringify(before) === JSON.stringify(after) || (timeLimit.test(name) && Number(after) >= Number(before)) || isTighter(before, after, name)) return { effective: after, changes: [] }
  if (isRecord(before) && isRecord(after)) {
    const parts = [...new Set([...Object.keys(before), ...Object.keys(after)])].map((key) => [key, stricterOptions(before[key], after[key], [...at, key])] as const)
    const effective = Object.fromEntries(parts.flatMap(([key, part]) => (part.effective === undefined ? [] : [[key, part.effective]])))
    return { effective, changes: parts.flatMap(([, part]) => part.changes) }
  }
  return { effective: before, changes: [`the change sets ${at.join('.')} from ${shown(before)} to ${shown(after)}, with which less may be found`] }
}

function isTighter(before: unknown, after: unknown, name: string): boolean {
  const isEnforcing = enforcing.test(name)
  const isExempting = !isEnforcing && exempting.test(name)
  const [more, less] = isExempting ? [before, after] : [after, before]
  if (Array.isArray(before) && Array.isArray(after) && anyWhereEmpty.test(name) && !isEnforcing && (before.length === 0 || after.length === 0)) return before.length === 0
  if (Array.isArray(more) && Array.isArray(less)) return (isEnforcing || isExempting) && less.every((item) => more.includes(item))
  return more === true && less === false
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const shown = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 200))

export function stricterWaivers(base: readonly WaiverEntry[], head: readonly WaiverEntry[]): Stricter<readonly WaiverEntry[]> {
  const loosened: FindingDraft[] = []
  const effective = head.flatMap((entry) => {
    const what = `${entry.rule} for ${entry.path ?? entry.purl ?? ''}${entry.advisory === undefined ? '' : ` (${entry.advisory})`}`
    const known = base.filter((before) => isWithin(entry, before)).toSorted((a, b) => (a.expires < b.expires ? 1 : -1))
    const [latest] = known
    if (!latest) {
      loosened.push(loosenedIn(waiversPath, `the change adds a waiver of ${what}, until ${entry.expires}`, entry.line))
      return []
    }
    const { vex: told, ...rest } = entry
    const isToldAlready = told === undefined || known.some(({ vex }) => vex?.status === told.status && vex.justification === told.justification)
    if (!isToldAlready) loosened.push(loosenedIn(waiversPath, `the change would have others told that it is ${told.status}${told.justification === undefined ? '' : `, ${told.justification}`}: the waiver of ${what}`, entry.line))
    const judged = isToldAlready ? entry : { ...rest, ...(latest.vex && { vex: latest.vex }) }
    if (entry.expires <= latest.expires) return [judged]
    loosened.push(loosenedIn(waiversPath, `the change prolongs the waiver of ${what} from ${latest.expires} to ${entry.expires}`, entry.line))
    return [{ ...judged, expires: latest.expires }]
  })
  return { effective, loosened }
}

/** Whether `entry` covers nothing that `before` does not cover. */
function isWithin(entry: WaiverEntry, before: WaiverEntry): boolean {
  if (entry.rule !== before.rule || (before.fingerprint !== undefined && before.fingerprint !== entry.fingerprint)) return false
  // Without an advisory or a fingerprint no advisory is covered: there a fingerprint widens.
  const isOfComponent = entry.purl !== undefined || before.purl !== undefined || entry.rule.startsWith('dependencies/')
  if (isOfComponent && before.fingerprint !== entry.fingerprint) return false
  // One that names an advisory covers what one without it does not.
  if (before.advisory !== entry.advisory) return false
  if (entry.path === before.path && entry.purl === before.purl) return true
  if (entry.purl !== undefined && before.purl !== undefined) return isSameComponent(before.purl, entry.purl)
  const isOne = entry.path !== undefined && entry.path !== wholeTree && isOnePath(entry.path)
  return isOne && before.path !== undefined && matchesPath(entry.path, before.path)
}

/** A comment that moved with its code is the same; over other code it is another one. */
export function stricterComments(base: readonly WaiverComment[], head: readonly WaiverComment[]): Stricter<readonly WaiverComment[]> {
  const counts = (comment: WaiverComment) => waives(comment) || comment.kind === 'tool'
  const free = countBy(base.filter(counts), keyOfComment)
  const loosened: FindingDraft[] = []
  const effective = head.filter((comment) => {
    if (!counts(comment) || take(free, keyOfComment(comment))) return true
    if (comment.kind === 'tool') {
      loosened.push({ rule: 'policy/tool-comment-added', message: `the change adds \`${comment.told ?? ''}\`, or changes the code below one: what it hides is not among the findings`, location: { path: comment.path, startLine: comment.line } })
      return false
    }
    loosened.push(loosenedIn(comment.path, `the change adds \`${comment.kind} ${comment.rules.join(', ')}\`, or changes the code below one`, comment.line))
    return false
  })
  const rest = loosened.slice(mostCommentsNamed)
  // Where all of them are: the owners of one file must not clear what is in another.
  const [first, ...others] = [...new Set(rest.flatMap(({ location }) => (location ? [location.path] : [])))]
  if (first === undefined) return { effective, loosened }
  const more = { ...loosenedIn(first, `the change adds ${rest.length} more comments that waive`), ...(others.length > 0 && { related: others.map((path) => ({ path })) }) }
  return { effective, loosened: [...loosened.slice(0, mostCommentsNamed), more] }
}

const mostCommentsNamed = 100

const keyOfComment = ({ rules, told, code }: WaiverComment) => JSON.stringify([rules.toSorted(), told ?? '', code])

const mostEntriesNamed = 20

export function stricterBaseline(base: readonly BaselineEntry[], head: readonly BaselineEntry[]): Stricter<readonly BaselineEntry[]> {
  const free = countBy(base, keyOfEntry)
  const isKnown = new Set(base.map((entry) => `${keyOfEntry(entry)} ${entry.path ?? ''}`))
  // Of equal entries the one in a file that the merge base names is the known one.
  const inOrder = [...head].toSorted((a, b) => Number(isKnown.has(`${keyOfEntry(b)} ${b.path ?? ''}`)) - Number(isKnown.has(`${keyOfEntry(a)} ${a.path ?? ''}`)))
  const known = new Set(inOrder.filter((entry) => take(free, keyOfEntry(entry))))
  const added = head.filter((entry) => !known.has(entry))
  const named = added.slice(0, mostEntriesNamed).map(({ rule, path, message, line }) => loosenedIn(baselinePath, `the change adds to the baseline: ${rule}${path === undefined ? '' : ` in ${path}`}, ${message}`, line))
  const rest = added.length > named.length ? [loosenedIn(baselinePath, `the change adds ${added.length - named.length} more findings to the baseline`)] : []
  return { effective: head.filter((entry) => known.has(entry)), loosened: [...named, ...rest] }
}

const keyOfEntry = ({ rule, flaw }: BaselineEntry) => `${rule} ${flaw}`

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1)
  return counts
}

function take(free: Map<string, number>, key: string): boolean {
  const left = free.get(key) ?? 0
  if (left > 0) free.set(key, left - 1)
  return left > 0
}
