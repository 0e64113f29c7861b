import { vexJustifications, vexStatuses, type FindingDraft, type VexClaim, type WaiverEntry } from '@shiplock/findings'
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Node, type YAMLMap } from 'yaml'
import { waiversPath } from './settle.ts'

/** Days ahead that a waiver may last. */
export const longestDays = 180

export interface WaiversFile {
  readonly entries: readonly WaiverEntry[]
  readonly problems: readonly FindingDraft[]
}

const fields = ['rule', 'path', 'purl', 'advisory', 'fingerprint', 'reason', 'owner', 'expires'] as const
type Field = (typeof fields)[number]

const largestFile = 1024 * 1024
const mostProblems = 50

/** Reads `shiplock.waivers.yaml`. An entry that does not say everything waives nothing and is a finding. `today` is `YYYY-MM-DD`. */
export function parseWaivers(text: string, today: string): WaiversFile {
  if (text.length > largestFile) return { entries: [], problems: [problem('the file is larger than 1 MB; no waiver in it counts')] }
  const counter = new LineCounter()
  // Errors made pretty cost the square of their number.
  const document = parseDocument(text, { lineCounter: counter, strict: true, uniqueKeys: true, merge: false, logLevel: 'silent', prettyErrors: false })
  const lineOf = (node: Node | null | undefined) => counter.linePos(node?.range?.[0] ?? 0).line || 1
  const [error] = [...document.errors, ...document.warnings]
  if (error) return { entries: [], problems: [problem(`the file is not YAML that can be trusted: ${error.message.split('\n', 1)[0]}; no waiver in it counts`, counter.linePos(error.pos[0]).line || 1)] }
  const { contents } = document
  if (contents === null || (isScalar(contents) && contents.value === null)) return { entries: [], problems: [] }
  if (!isSeq(contents)) return { entries: [], problems: [problem('the file is not a list of waivers; none counts', 1)] }
  const entries: WaiverEntry[] = []
  const problems: FindingDraft[] = []
  for (const item of contents.items) {
    const node = item as Node
    const line = lineOf(node)
    const read = isMap(node) ? readEntry(node, line, today, lineOf) : [problem('a waiver is a map with rule, path or purl, reason, owner and expires', line)]
    if (Array.isArray(read)) problems.push(...read)
    else entries.push(read)
  }
  const rest = problems.length - mostProblems
  return { entries, problems: rest > 0 ? [...problems.slice(0, mostProblems), problem(`${rest} more waivers cannot be read`)] : problems }
}

function readEntry(map: YAMLMap, line: number, today: string, lineOf: (node: Node) => number): WaiverEntry | FindingDraft[] {
  const values = new Map<Field, string>()
  let vex: VexClaim | undefined
  const problems: FindingDraft[] = []
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? String(key.value) : ''
    const place = isNode(value) ? lineOf(value) : line
    if (name === 'vex') {
      const claim = readClaim(value)
      if (typeof claim === 'string') problems.push(problem(claim, place))
      else vex = claim
      continue
    }
    const field = fields.find((known) => known === name)
    // An alias is no scalar: what it stands for is elsewhere, and may change there.
    if (!field) problems.push(problem(`a waiver has no field ${JSON.stringify(name)}; it has ${fields.join(', ')}, vex`, place))
    else if (!isScalar(value) || typeof value.value !== 'string' || value.value.trim() === '') problems.push(problem(`\`${field}\` of a waiver is a text`, place))
    else values.set(field, value.value.trim())
  }
  const rule = values.get('rule')
  const what = rule === undefined ? 'a waiver' : `the waiver of ${rule}`
  if (problems.length > 0) return problems.map((draft) => ({ ...draft, message: `${draft.message}; ${what} waives nothing` }))
  const [path, purl, advisory, fingerprint, reason, owner, expires] = (['path', 'purl', 'advisory', 'fingerprint', 'reason', 'owner', 'expires'] as const).map((field) => values.get(field))
  if (rule === undefined) return [problem('a waiver names no `rule` and waives nothing', line, 'policy/waiver-without-rule')]
  if (reason === undefined) return [problem(`${what} gives no \`reason\` and waives nothing`, line, 'policy/waiver-without-reason')]
  const invalid = (why: string) => [problem(`${what} ${why} and waives nothing`, line)]
  if (rule.startsWith('policy/')) return invalid('would waive a finding about the policy itself')
  if ((path === undefined) === (purl === undefined)) return invalid('names not exactly one of `path` and `purl`')
  if (advisory !== undefined && purl === undefined) return invalid('names an `advisory` and no `purl` of the component')
  if (advisory !== undefined && !advisoryId.test(advisory)) return invalid(`has an \`advisory\` that is no id of one, such as CVE-2026-12345 or GHSA-xxxx-xxxx-xxxx (${advisory.slice(0, 40)})`)
  // Said of every flaw that will ever be known of a component, it could not be true.
  if (vex && advisory === undefined) return invalid('says by `vex` how a flaw affects, and names no `advisory`')
  if (owner === undefined) return invalid('has no `owner`')
  if (expires === undefined) return invalid('has no `expires`')
  const days = daysBetween(today, expires)
  if (days === undefined) return invalid(`has an \`expires\` that is no date as YYYY-MM-DD (${expires.slice(0, 40)})`)
  if (days > longestDays) return invalid(`expires in ${days} days, more than ${longestDays}, the most that are allowed,`)
  return { rule, ...(path !== undefined && { path }), ...(purl !== undefined && { purl }), ...(advisory !== undefined && { advisory }), ...(fingerprint !== undefined && { fingerprint }), reason, owner, expires, ...(vex && { vex }), line }
}

const problem = (message: string, line?: number, rule: FindingDraft['rule'] = 'policy/invalid-waiver'): FindingDraft => ({ rule, message, location: { path: waiversPath, ...(line !== undefined && { startLine: line }) } })

/** From one `YYYY-MM-DD` to another; undefined where the second is no date of the calendar. */
export function daysBetween(from: string, to: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(to)) return undefined
  const time = Date.parse(`${to}T00:00:00Z`)
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== to) return undefined
  return Math.round((time - Date.parse(`${from}T00:00:00Z`)) / 86_400_000)
}

const advisoryId = /^[A-Z][A-Z0-9]{1,19}-[A-Z0-9][A-Z0-9.:-]{1,79}$/i

/** What `vex` says, or what is wrong with it. */
function readClaim(value: unknown): VexClaim | string {
  if (!isMap(value)) return '`vex` of a waiver is a map with `status` and, where that is not_affected, `justification`'
  const told = new Map<string, string>()
  for (const { key, value: word } of value.items) {
    const name = isScalar(key) ? String(key.value) : ''
    if (name !== 'status' && name !== 'justification') return `\`vex\` of a waiver has no field ${JSON.stringify(name)}; it has status, justification`
    told.set(name, isScalar(word) ? String(word.value) : '')
  }
  const status = vexStatuses.find((known) => known === told.get('status'))
  if (!status) return `\`vex.status\` of a waiver is one of ${vexStatuses.join(', ')}`
  if (!told.has('justification')) return { status }
  const justification = vexJustifications.find((known) => known === told.get('justification'))
  if (!justification) return `\`vex.justification\` of a waiver is one of ${vexJustifications.join(', ')}`
  if (status !== 'not_affected') return `\`vex.justification\` of a waiver says why something is not_affected, not why it is ${status}`
  return { status, justification }
}
