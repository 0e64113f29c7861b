import { confidences, isAtLeast, isSameComponent, severities, type Finding, type Gate, type Location, type Outcome } from '@shiplock/findings'
import { gateOf } from './decide.ts'
import { checkOf } from './settle.ts'

/** Of each check that hands on another program's findings, which of that program's rules are rules of others: see `Check.joins`. */
export type Equalities = ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>

/**
 * Makes one finding of what two checks found: the same advisory of the same component, or by rules that are equal the same
 * place. The finding of our own check stays, with its waiver and its place in the baseline, since those are of the
 * same problem; it names the other rule, and is as severe and as sure as the worse of the two. What is left of
 * the other's stays there. Outcomes that are no findings are as they were.
 *
 * Where our gate would let more through than the other's, the two stay apart: nothing escapes a gate by being joined.
 */
export function joinFindings(outcomes: ReadonlyMap<string, Outcome>, equalities: Equalities, gates: readonly Gate[] = []): ReadonlyMap<string, Outcome> {
  const joined = [...outcomes].filter(([check]) => equalities.has(check)).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const pool = new Pool([...outcomes].filter(([check]) => !equalities.has(check)).flatMap(([, outcome]) => findingsOf(outcome)))
  // An advisory that two programs know and no check of ours is one as well: the first has it.
  for (const [check, outcome] of joined) {
    const left = findingsOf(outcome).filter((finding) => !pool.take(finding, equalities.get(check) ?? {}, (ours) => isAsStrict(gateOf(checkOf(ours.rule), gates), gateOf(check, gates))))
    for (const finding of left) pool.add(finding)
  }
  return new Map([...outcomes].map(([check, outcome]) => [check, outcome.kind === 'completed' ? { ...outcome, findings: pool.ofThese(outcome.findings) } : outcome]))
}

const findingsOf = (outcome: Outcome): readonly Finding[] => (outcome.kind === 'completed' ? outcome.findings : [])

/** Whether whatever the second stops the first stops too. */
function isAsStrict(ours: Gate, theirs: Gate): boolean {
  const failOn = [...severities, 'never']
  return failOn.indexOf(ours.failOn) <= failOn.indexOf(theirs.failOn) && confidences.indexOf(ours.minConfidence) <= confidences.indexOf(theirs.minConfidence) && (!ours.newOnly || theirs.newOnly) && (!ours.optional || theirs.optional)
}

/** The findings that stay, by where they are and by their component's advisories. */
class Pool {
  readonly #byPath = new Map<string, Finding[]>()
  readonly #byAdvisory = new Map<string, Finding[]>()
  /** Each finding that stays, as it is now. */
  readonly #now = new Map<Finding, Finding>()

  constructor(findings: readonly Finding[]) {
    for (const finding of findings) this.add(finding)
  }

  add(finding: Finding): void {
    this.#now.set(finding, finding)
    const { location } = finding
    if (location) push(this.#byPath, location.path, finding)
    for (const name of advisoryNames(finding)) push(this.#byAdvisory, name, finding)
  }

  /** Whether another finding is the same problem; it then names this one. */
  take(finding: Finding, sameAs: Readonly<Record<string, readonly string[]>>, mayHave: (ours: Finding) => boolean): boolean {
    const into = this.#find(finding, sameAs, mayHave)
    if (!into) return false
    this.#now.set(into, merge(this.#now.get(into) ?? into, finding))
    return true
  }

  #find(finding: Finding, sameAs: Readonly<Record<string, readonly string[]>>, mayHave: (ours: Finding) => boolean): Finding | undefined {
    const { location, rule } = finding
    const known = advisoryNames(finding).flatMap((advisory) => this.#byAdvisory.get(advisory) ?? []).find((other) => isSamePackage(finding, other) && mayHave(other))
    if (known || !location) return known
    const name = rule.slice(checkOf(rule).length + 1)
    const equal = [name, `${name.split('/', 1)[0]}/*`, '*'].flatMap((key) => (Object.hasOwn(sameAs, key) ? [sameAs[key] ?? []] : []))[0]
    return equal && this.#byPath.get(location.path)?.find((other) => other.location && mayHave(other) && equal.some((pattern) => isEqual(other, location, pattern)) && doTouch(location, other.location))
  }

  /** Those that stay of these, as they are now. */
  ofThese(findings: readonly Finding[]): Finding[] {
    return findings.flatMap((finding) => this.#now.get(finding) ?? [])
  }
}

const advisoryNames = ({ advisory }: Finding): readonly string[] => (advisory ? [advisory.id, ...advisory.aliases] : [])

/** The same version in the same file: another lock file is another problem. */
function isSamePackage(a: Finding, b: Finding): boolean {
  if (a.purl === undefined || b.purl === undefined || a.location?.path !== b.location?.path) return false
  return isSameComponent(plain(a.purl), plain(b.purl)) || isSameComponent(plain(b.purl), plain(a.purl))
}

/** Some write a scope's sign as it is, some encoded; qualifiers say where it came from. */
const plain = (purl: string) => (purl.split(/[?#]/, 1)[0] ?? purl).replaceAll(/%40/gi, '@')

/** Where any rule of a check would do, nothing but the place tells that the two are one, so both must have one in the file. */
const isEqual = (ours: Finding, theirs: Location, pattern: string) => (pattern.endsWith('/*') ? ours.rule.startsWith(pattern.slice(0, -1)) && ours.location?.startLine !== undefined && theirs.startLine !== undefined : ours.rule === pattern)

/** Whether they share a line, and where both say where in one line they are, a part of it. One without lines is about the file. */
function doTouch(a: Location, b: Location): boolean {
  if (a.startLine === undefined || b.startLine === undefined) return true
  const isInOneLine = a.startLine === b.startLine && (a.endLine ?? a.startLine) === a.startLine && (b.endLine ?? b.startLine) === b.startLine
  if (isInOneLine && a.startColumn !== undefined && a.endColumn !== undefined && b.startColumn !== undefined && b.endColumn !== undefined) return a.startColumn < b.endColumn && b.startColumn < a.endColumn
  return a.startLine <= (b.endLine ?? b.startLine) && b.startLine <= (a.endLine ?? a.startLine)
}

function merge(into: Finding, other: Finding): Finding {
  return {
    ...into,
    severity: isAtLeast(severities, into.severity, other.severity) ? into.severity : other.severity,
    confidence: isAtLeast(confidences, into.confidence, other.confidence) ? into.confidence : other.confidence,
    alsoFoundBy: [...new Set([...(into.alsoFoundBy ?? []), other.rule])].filter((rule) => rule !== into.rule),
  }
}

function push(map: Map<string, Finding[]>, key: string, finding: Finding): void {
  const list = map.get(key)
  if (list) list.push(finding)
  else map.set(key, [finding])
}
