import { fail, ok, type Result } from './failure.ts'
import type { Finding } from './finding.ts'
import { flawOf } from './fingerprint.ts'

/** One accepted finding. Equal flaws have equal entries, one for each. */
export interface BaselineEntry {
  readonly rule: string
  /** Where it was; absent where the subject has no file. Tells copies apart, never the flaw: files are renamed. */
  readonly path?: string
  /** For the person who reviews the file. */
  readonly message: string
  /** The fingerprint's part that copies share. */
  readonly flaw: string
  /** In the file; what is compared does not depend on it. */
  readonly line?: number
}

const longestMessage = 160

/** The committed form: sorted, one line an entry, so that a diff shows what was accepted and what is gone. */
export function renderBaseline(entries: readonly BaselineEntry[]): string {
  const lines = entries.toSorted(compareEntries).map(({ rule, path, message, flaw }) => JSON.stringify({ rule, ...(path !== undefined && { path }), message, flaw }))
  return `{\n"version": 1,\n"entries": [\n${lines.join(',\n')}${lines.length > 0 ? '\n' : ''}]\n}\n`
}

/** What is wrong with a baseline, in a sentence, and in which line. */
export interface BaselineProblem {
  readonly message: string
  readonly line?: number
}

export function parseBaseline(text: string): Result<readonly BaselineEntry[], BaselineProblem> {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    return fail({ message: `it is not JSON: ${error instanceof Error ? error.message : String(error)}` })
  }
  if (!isObject(document) || document['version'] !== 1 || !Array.isArray(document['entries'])) return fail({ message: 'it does not hold `"version": 1` and a list of `entries`' })
  const lines = linesOfEntries(text)
  const entries: BaselineEntry[] = []
  for (const [index, entry] of document['entries'].entries()) {
    const line = lines.length === document['entries'].length ? lines[index] : undefined
    const parsed = parseEntry(entry)
    if (!parsed) return fail({ message: `entry ${index + 1} does not hold \`rule\`, \`message\` and \`flaw\` as texts, and nothing else but \`path\``, ...(line !== undefined && { line }) })
    entries.push({ ...parsed, ...(line !== undefined && { line }) })
  }
  return ok(entries)
}

function parseEntry(entry: unknown): BaselineEntry | undefined {
  if (!isObject(entry)) return undefined
  const { rule, path, message, flaw, ...rest } = entry
  if (typeof rule !== 'string' || typeof message !== 'string' || typeof flaw !== 'string' || Object.keys(rest).length > 0) return undefined
  if (path === undefined) return { rule, message, flaw }
  return typeof path === 'string' ? { rule, path, message, flaw } : undefined
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** As we write it: an entry to a line. */
const linesOfEntries = (text: string) => text.split('\n').flatMap((line, index) => (line.startsWith('{"rule":') ? [index + 1] : []))

export interface BaselineMatch {
  /** The findings that are in the baseline. */
  readonly accepted: ReadonlySet<Finding>
  /** Entries whose flaw is gone. */
  readonly gone: readonly BaselineEntry[]
}

/**
 * Matches findings and entries one to one. Of equal flaws those in the file that the entry names come first, so that a copy
 * elsewhere is the new one; what is left over matches wherever it is, since files are renamed.
 */
export function matchBaseline(findings: readonly Finding[], entries: readonly BaselineEntry[]): BaselineMatch {
  const pairs = pairUp(findings, entries)
  const used = new Set(pairs.values())
  return { accepted: new Set(pairs.keys()), gone: entries.filter((entry) => !used.has(entry)) }
}

function pairUp(findings: readonly Finding[], entries: readonly BaselineEntry[]): ReadonlyMap<Finding, BaselineEntry> {
  const free = Map.groupBy(entries, keyOf)
  const pairs = new Map<Finding, BaselineEntry>()
  const take = (finding: Finding, isFit: (entry: BaselineEntry) => boolean) => {
    const candidates = free.get(keyOf(entryOf(finding))) ?? []
    const at = candidates.findIndex(isFit)
    const entry = candidates[at]
    if (!entry) return
    candidates.splice(at, 1)
    pairs.set(finding, entry)
  }
  for (const finding of findings) take(finding, ({ path }) => path === finding.location?.path)
  for (const finding of findings) if (!pairs.has(finding)) take(finding, () => true)
  return pairs
}

export interface BaselineUpdate {
  readonly entries: readonly BaselineEntry[]
  readonly added: readonly BaselineEntry[]
  readonly removed: readonly BaselineEntry[]
}

/** The baseline that accepts these findings. Entries of checks that did not look (`hasLooked`) stay as they are. */
export function updateBaseline(entries: readonly BaselineEntry[], findings: readonly Finding[], hasLooked: (rule: string) => boolean): BaselineUpdate {
  const pairs = pairUp(findings, entries.filter(({ rule }) => hasLooked(rule)))
  const kept = new Set(pairs.values())
  const added = findings.filter((finding) => !pairs.has(finding)).map(entryOf)
  // An entry keeps its words, so that only what changed is in the diff; its path follows the file.
  const followed = [...pairs].map(([finding, entry]) => ({ ...entryOf(finding), message: entry.message }))
  return {
    entries: [...entries.filter(({ rule }) => !hasLooked(rule)), ...followed, ...added].toSorted(compareEntries),
    added,
    removed: entries.filter((entry) => hasLooked(entry.rule) && !kept.has(entry)),
  }
}

const entryOf = ({ rule, location, message, fingerprint }: Finding): BaselineEntry => ({
  rule,
  ...(location && { path: location.path }),
  message: (message.split('\n', 1)[0] ?? '').slice(0, longestMessage),
  flaw: flawOf(fingerprint),
})

const keyOf = ({ rule, flaw }: BaselineEntry) => `${rule} ${flaw}`

const compareEntries = (a: BaselineEntry, b: BaselineEntry): number =>
  compareText(a.rule, b.rule) || compareText(a.path ?? '', b.path ?? '') || compareText(a.flaw, b.flaw) || compareText(a.message, b.message)

/** By code unit: the same order on every machine. */
const compareText = (a: string, b: string) => (a < b ? -1 : Number(a > b))
