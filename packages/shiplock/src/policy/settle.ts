import { isSameComponent, matchBaseline, type AdvisoryName, type BaselineEntry, type Finding, type FindingDraft, type Outcome, type Waiver, type WaiverEntry } from '@shiplock/findings'
import { matchesPath } from './path-pattern.ts'
import type { WaiverComment } from './waiver-comments.ts'

export const waiversPath = 'shiplock.waivers.yaml'
export const baselinePath = 'shiplock.baseline.json'

/** What is accepted of what may be found, and the day on which it is judged. */
export interface Acceptances {
  /** `YYYY-MM-DD`. */
  readonly today: string
  readonly comments: readonly WaiverComment[]
  readonly waivers: readonly WaiverEntry[]
  readonly baseline: readonly BaselineEntry[]
  /** Checks that did not look everywhere this time, such as into the history. What they did not find may still be there. */
  readonly partial?: ReadonlySet<string>
}

export interface Settled {
  /** The outcomes of completed checks, each finding with its waiver and whether it is in the baseline. */
  readonly outcomes: ReadonlyMap<string, Outcome>
  /** About the waivers and the baseline themselves. */
  readonly findings: readonly FindingDraft[]
}

/** Which rules there are. A check that hands on what another program finds has any below its id. */
export type KnownRules = Pick<ReadonlySet<string>, 'has'>

/**
 * Puts waivers and baseline to the outcomes. Nothing is dropped: a finding that does not count stays, and says why. Only
 * checks that completed tell whether a waiver is unused or a baseline entry gone.
 */
export function settle(outcomes: ReadonlyMap<string, Outcome | undefined>, acceptances: Acceptances, knownRules: KnownRules): Settled {
  const use = new Set<WaiverComment | WaiverEntry>()
  const used = new Map<WaiverComment, Set<string>>()
  const tooWide = new Map<WaiverComment | WaiverEntry, Set<string>>()
  const settled = new Map<string, Outcome>()
  const gone: BaselineEntry[] = []
  const hasLooked = (rule: string) => outcomes.get(checkOf(rule))?.kind === 'completed'
  for (const [check, outcome] of outcomes) {
    if (outcome?.kind !== 'completed') continue
    const waived = outcome.findings.map((finding) => withWaiver(finding, acceptances, (by) => {
      use.add(by)
      if ('covers' in by) used.set(by, (used.get(by) ?? new Set()).add(finding.rule))
    }))
    for (const finding of outcome.findings) for (const by of widerThan(finding, acceptances)) tooWide.set(by, (tooWide.get(by) ?? new Set()).add(finding.advisory?.id ?? ''))
    // Those that count first: a waived copy must not take the entry of one that is not.
    const match = matchBaseline([...waived.filter(({ waiver }) => !waiver), ...waived.filter(({ waiver }) => waiver)], acceptances.baseline.filter(({ rule }) => checkOf(rule) === check))
    if (!acceptances.partial?.has(check)) gone.push(...match.gone)
    settled.set(check, { ...outcome, findings: waived.map((finding) => (match.accepted.has(finding) ? { ...finding, isBaselined: true } : finding)) })
  }
  const isUnused = (rule: string, isUsed: boolean) => !isUsed && (hasLooked(rule) || !knownRules.has(rule))
  const findings = [
    ...acceptances.comments.flatMap((comment) => [...troubleOf(comment), ...comment.rules.filter((rule) => waives(comment) && !tooWide.has(comment) && isUnused(rule, used.get(comment)?.has(rule) ?? false)).map((rule) => unusedComment(comment, rule, knownRules))]),
    ...acceptances.waivers.flatMap((entry) => (isExpired(entry, acceptances.today) ? [expired(entry)] : tooWide.has(entry) ? [] : !acceptances.partial?.has(checkOf(entry.rule)) && isUnused(entry.rule, use.has(entry)) ? [unusedEntry(entry, knownRules)] : [])),
    ...[...tooWide].map(([by, advisories]) => withoutAdvisory(by, [...advisories].toSorted())),
    ...prunable(gone),
  ]
  return { outcomes: settled, findings }
}

function withWaiver(finding: Finding, { comments, waivers, today }: Acceptances, use: (by: WaiverComment | WaiverEntry) => void): Finding {
  const comment = finding.advisory ? undefined : commentOver(finding, comments)
  // An entry that covers the same finding is not unused because a comment came first.
  const entries = waivers.filter((candidate) => !isExpired(candidate, today) && covers(candidate, finding))
  for (const by of [comment, ...entries]) if (by) use(by)
  const [entry] = entries
  const waiver = comment ? ofComment(comment) : entry && ofEntry(entry)
  return waiver ? { ...finding, waiver } : finding
}

function commentOver({ rule, location: { path, startLine } = { path: '' } }: Finding, comments: readonly WaiverComment[]): WaiverComment | undefined {
  return startLine === undefined ? undefined : byPlace(comments).get(`${startLine}\0${path}`)?.find((candidate) => candidate.rules.includes(rule))
}

const places = new WeakMap<readonly WaiverComment[], ReadonlyMap<string, readonly WaiverComment[]>>()

/** Comments that waive by the lines that they cover: there may be as many of them as of findings. */
function byPlace(comments: readonly WaiverComment[]): ReadonlyMap<string, readonly WaiverComment[]> {
  let known = places.get(comments)
  if (!known) {
    const found = new Map<string, WaiverComment[]>()
    for (const comment of comments.filter(waives))
      for (const line of comment.covers) {
        const key = `${line}\0${comment.path}`
        const list = found.get(key)
        if (list) list.push(comment)
        else found.set(key, [comment])
      }
    places.set(comments, (known = found))
  }
  return known
}

/** What would waive the finding if it said which advisory it means: it covers whatever else is, or will be, known of the component. */
function widerThan(finding: Finding, { comments, waivers, today }: Acceptances): (WaiverComment | WaiverEntry)[] {
  if (!finding.advisory) return []
  const comment = commentOver(finding, comments)
  return [...(comment ? [comment] : []), ...waivers.filter((entry) => !isExpired(entry, today) && namesNoAdvisory(entry) && isAbout(entry, finding))]
}

/** Whether the comment waives the rules that it names: our own only with a reason, Bandit's `nosec` also without. */
export const waives = ({ problem, kind }: WaiverComment): boolean => kind !== 'tool' && (problem === undefined || (problem === 'without-reason' && kind === 'nosec'))

/** Whether the entry names this finding; not whether it still holds. */
export function covers(entry: WaiverEntry, finding: Finding): boolean {
  if (!isAbout(entry, finding)) return false
  if (entry.advisory !== undefined) return finding.advisory !== undefined && isSameAdvisory(entry.advisory, finding.advisory)
  return finding.advisory === undefined || !namesNoAdvisory(entry)
}

const namesNoAdvisory = ({ advisory, fingerprint }: WaiverEntry) => advisory === undefined && fingerprint === undefined

/** By its own id or one that another database has given it. Databases do not agree on upper and lower case. */
const isSameAdvisory = (named: string, { id, aliases }: AdvisoryName) => [id, ...aliases].some((known) => known.toLowerCase() === named.toLowerCase())

/** Whether rule and place or component are the finding's. */
function isAbout(entry: WaiverEntry, { rule, location, purl, fingerprint }: Finding): boolean {
  if (entry.rule !== rule || (entry.fingerprint !== undefined && entry.fingerprint !== fingerprint)) return false
  if (entry.purl !== undefined) return purl !== undefined && isSameComponent(entry.purl, purl)
  if (entry.path === wholeTree) return location === undefined
  return entry.path !== undefined && location !== undefined && matchesPath(location.path, entry.path)
}

/** As the `path` of a waiver: what is about no file, such as that there is none. A pattern never means that. */
export const wholeTree = '.'

export const isExpired = ({ expires }: WaiverEntry, today: string): boolean => expires < today

const ofComment = ({ reason, path, line }: WaiverComment): Waiver => ({ kind: 'comment', ...(reason !== undefined && { reason }), location: { path, startLine: line } })
const ofEntry = ({ reason, owner, expires, vex, line }: WaiverEntry): Waiver => ({ kind: 'file', reason, owner, expires, ...(vex && { vex }), location: { path: waiversPath, startLine: line } })

export const checkOf = (rule: string): string => rule.split('/', 1)[0] ?? rule

/** What a comment does not say. Of `nosec`, which is another tool's word, it is only reported. */
function troubleOf({ kind, problem, rules, path, line }: WaiverComment): FindingDraft[] {
  if (problem === undefined) return []
  const more = { location: { path, startLine: line }, ...(kind === 'nosec' && { severity: 'low' as const }) }
  if (problem === 'without-rule') return [{ rule: 'policy/waiver-without-rule', message: `\`${kind}\` names no rule and waives nothing`, ...more }]
  return [{ rule: 'policy/waiver-without-reason', message: `\`${kind} ${rules.join(', ')}\` gives no reason behind \`--\`${kind === 'nosec' ? '' : ' and waives nothing'}`, ...more }]
}

function unusedComment({ kind, path, line }: WaiverComment, rule: string, knownRules: KnownRules): FindingDraft {
  return { rule: 'policy/unused-waiver', message: `\`${kind} ${rule}\` covers nothing: ${whyUnused(rule, knownRules, 'there is no such finding on the lines that it covers')}`, location: { path, startLine: line } }
}

function unusedEntry({ rule, path, purl = '', advisory, line }: WaiverEntry, knownRules: KnownRules): FindingDraft {
  return { rule: 'policy/unused-waiver', message: `the waiver of ${rule} for ${path ?? purl}${advisory === undefined ? '' : ` (${advisory})`} covers nothing: ${whyUnused(rule, knownRules, 'there is no such finding')}`, location: { path: waiversPath, startLine: line } }
}

const mostAdvisoriesNamed = 10

/** Each by a waiver of its own: what it says is true of one flaw, and the next one of the component is not known yet. */
function withoutAdvisory(by: WaiverComment | WaiverEntry, advisories: readonly string[]): FindingDraft {
  const named = `${advisories.slice(0, mostAdvisoriesNamed).join(', ')}${advisories.length > mostAdvisoriesNamed ? ` and ${advisories.length - mostAdvisoriesNamed} more` : ''}`
  if ('covers' in by) return { rule: 'policy/waiver-without-advisory', message: `\`${by.kind} ${by.rules.join(', ')}\` does not waive ${named}: a comment cannot say which advisory it means`, location: { path: by.path, startLine: by.line } }
  return { rule: 'policy/waiver-without-advisory', message: `the waiver of ${by.rule} for ${by.path ?? by.purl ?? ''} names no advisory and does not waive ${named}`, location: { path: waiversPath, startLine: by.line } }
}

const whyUnused = (rule: string, knownRules: KnownRules, otherwise: string) => (knownRules.has(rule) ? otherwise : 'no check has that rule')

const expired = ({ rule, path, purl = '', owner, expires, line }: WaiverEntry): FindingDraft => ({
  rule: 'policy/expired-waiver',
  message: `the waiver of ${rule} for ${path ?? purl} by ${owner} expired on ${expires}; what it covered counts again`,
  location: { path: waiversPath, startLine: line },
})

function prunable(gone: readonly BaselineEntry[]): FindingDraft[] {
  const [first] = gone
  if (!first) return []
  const more = gone.length > 1 ? `, and ${gone.length - 1} more` : ''
  return [{
    rule: 'policy/prunable-baseline',
    message: `${gone.length === 1 ? 'a finding of the baseline is' : `${gone.length} findings of the baseline are`} gone: ${first.rule}${first.path === undefined ? '' : ` in ${first.path}`}${more}`,
    location: { path: baselinePath, ...(first.line !== undefined && { startLine: first.line }) },
    detail: gone.map(({ rule, path, message }) => `${rule} ${path ?? ''} ${message}`).join('\n'),
  }]
}
