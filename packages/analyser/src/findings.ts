import type { FindingDraft, FlowStep, Location } from '@shiplock/findings'
import type { Analysis } from './analyse.ts'
import { fileOf } from './flow/program.ts'
import type { Flow } from './flow/taint.ts'
import type { Origin } from './flow/ways.ts'
import { rules } from './rules/index.ts'
import type { AnalyserRule, PatternMatch } from './rules/rule.ts'

export interface Judgement {
  /** In the order of files and lines. */
  readonly findings: FindingDraft[]
  /** Secrets that stand in the files: what is said of other programs must not show them either. */
  readonly secrets: readonly string[]
}

/** Makes findings of what the analysis found, in the order of files and lines. `texts`: the files' texts by path. */
export const findingsOf = (analysis: Analysis, texts: ReadonlyMap<string, string>): FindingDraft[] => judge(analysis, texts).findings

/** The same, with the secrets that were found on the way. */
export function judge(analysis: Analysis, texts: ReadonlyMap<string, string>): Judgement {
  const matches = new Map(rules.map((rule) => [rule, rule.find?.(analysis) ?? []] as const))
  const secrets = new Secrets(analysis, texts, [...matches.values()].flat())
  const places = new Places(analysis, secrets)
  const found = new Map<string, FindingDraft>()
  for (const [rule, own] of matches) {
    for (const finding of [...flowFindings(rule, analysis, places), ...patternFindings(rule, own, places)]) {
      const { path, startLine, startColumn } = finding.location!
      const key = `${rule.id}\0${path}\0${startLine}\0${startColumn}`
      const known = found.get(key)
      if (!known || certainty(finding) > certainty(known) || (certainty(finding) === certainty(known) && (known.flow?.length ?? Infinity) > (finding.flow?.length ?? Infinity))) found.set(key, finding)
    }
  }
  return { findings: [...found.values()].toSorted((a, b) => compare(a.location!.path, b.location!.path) || a.location!.startLine! - b.location!.startLine! || a.location!.startColumn! - b.location!.startColumn! || compare(a.rule, b.rule)), secrets: [...secrets.values] }
}

/** Findings of one program without the secrets of others, which it may repeat. */
export function withoutSecrets(findings: readonly FindingDraft[], secrets: readonly string[]): FindingDraft[] {
  const shown = (text: string) => secrets.reduce(withoutSecret, text)
  return secrets.length === 0 ? [...findings] : findings.map((finding) => ({ ...finding, message: shown(finding.message), ...(finding.snippet !== undefined && { snippet: shown(finding.snippet) }), ...(finding.flow && { flow: finding.flow.map((step) => ({ ...step, code: shown(step.code) })) }) }))
}

/** A text may be cut in the middle of one: then its beginning is taken for it. */
function withoutSecret(text: string, secret: string): string {
  const shown = text.replaceAll(secret, '***')
  const end = shown.endsWith('…') ? shown.length - 1 : shown.length
  for (let length = Math.min(secret.length - 1, end); length >= shortestBeginning; length -= 1) if (secret.startsWith(shown.slice(end - length, end))) return `${shown.slice(0, end - length)}***`
  return shown
}

const shortestBeginning = 4

/** Steps of a flow beyond which it is told with low confidence. */
const longWay = 40

/** Of several ways to the same place the surest is told. */
const certainty = ({ confidence }: FindingDraft) => (confidence === 'low' ? 0 : confidence === 'medium' ? 1 : 2)

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

function flowFindings(rule: AnalyserRule, { flows }: Analysis, places: Places): FindingDraft[] {
  const { flows: wanted } = rule
  if (!wanted) return []
  return flows.flatMap((flow): FindingDraft[] => {
    if (!wanted.kinds.includes(flow.sink.kind) || (wanted.origins && !wanted.origins.includes(flow.origin))) return []
    const { origin, sink } = flow
    const own = rule.weigh?.({ origin, kind: sink.kind, name: sink.name, mayBeObject: sink.mayBeObject === true, ...(sink.regex && { regex: sink.regex.regex }) })
    if (own === 'ignore') return []
    const steps = places.steps(flow)
    // Over so many steps the objects that it went through were hardly always the same.
    const weight = { ...weighOrigin(origin), ...own, ...(steps.length > longWay && { confidence: 'low' as const }) }
    const source = `${originWords[origin]} \`${steps[0]?.code ?? ''}\``
    const at = sink.regex ? { file: sink.regex.file, ...sink.regex.regex } : sink
    const message = sink.regex && rule.describe ? rule.describe(sink.regex.regex.slow, source) : `${source} reaches ${rule.sink ?? 'a place where it does harm'}${sink.name ? `: \`${sink.name}\`` : ''}`
    return [{ rule: rule.id, message, ...places.location(at.file, at.start, at.end), flow: steps, ...weight }]
  })
}

const patternFindings = (rule: AnalyserRule, matches: readonly PatternMatch[], places: Places): FindingDraft[] => matches.map(({ file, start, end, message, severity, confidence, fix }) => ({ rule: rule.id, message: places.shown(message), ...places.location(file, start, end), ...(severity && { severity }), ...(confidence && { confidence }), ...(fix !== undefined && { fix }) }))

const originWords: Readonly<Record<Origin, string>> = {
  request: 'Untrusted input of a request',
  message: 'A message',
  queue: 'A message of a queue',
  browser: 'Untrusted input of the browser',
  archive: 'A name in an archive',
  response: 'An answer of another service',
  content: 'Content',
  library: 'The parameter',
  'command-line': 'An argument of the command line',
  environment: 'The environment',
  file: 'The content of a file',
  database: 'A value of the database',
  secret: 'The secret',
  stack: 'The stack of an error',
}

/** How far a source is to be distrusted: what a package's users hand over may be their own word. */
function weighOrigin(origin: Origin): Pick<FindingDraft, 'severity' | 'confidence'> {
  switch (origin) {
    case 'library':
      return { confidence: 'low' }
    case 'command-line':
    case 'environment':
    case 'file':
    case 'database':
      return { severity: 'low', confidence: 'low' }
    case 'content':
    case 'queue':
    case 'response':
      return { confidence: 'medium' }
    default:
      return {}
  }
}

const isWithin = (inner: Location, outer: Location) =>
  inner.path === outer.path &&
  (inner.startLine! > outer.startLine! || (inner.startLine === outer.startLine && inner.startColumn! >= outer.startColumn!)) &&
  (inner.endLine! < outer.endLine! || (inner.endLine === outer.endLine && inner.endColumn! <= outer.endColumn!))

/** Stands for each character of a secret until the text is shown: so places stay what they are. */
const hidden = '\uE0FF'

/** The files' texts without the secrets that any rule has found in them: whatever another one shows of the line, it shows none. */
class Secrets {
  private readonly analysis: Analysis
  private readonly texts: ReadonlyMap<string, string>
  private readonly spans = new Map<number, PatternMatch[]>()
  private readonly masked = new Map<number, string>()
  /** What stands between the quotes, wherever it is repeated. */
  readonly values = new Set<string>()

  constructor(analysis: Analysis, texts: ReadonlyMap<string, string>, matches: readonly PatternMatch[]) {
    this.analysis = analysis
    this.texts = texts
    for (const match of matches) {
      if (!match.isSecret) continue
      const own = this.spans.get(match.file)
      if (own) own.push(match)
      else this.spans.set(match.file, [match])
      const written = /^(['"`])([^]{6,})\1$/.exec(this.original(match.file).slice(match.start, match.end))?.[2]
      if (written !== undefined) this.values.add(written)
    }
  }

  text(file: number): string {
    let known = this.masked.get(file)
    if (known === undefined) {
      known = this.original(file)
      for (const { start, end } of this.spans.get(file) ?? []) known = known.slice(0, start) + hidden.repeat(end - start) + known.slice(end)
      this.masked.set(file, known)
    }
    return known
  }

  shown(text: string): string {
    let shown = text
    for (const value of this.values) shown = shown.replaceAll(value, hidden)
    return shown.replaceAll(/\uE0FF+/g, '***')
  }

  private original(file: number): string {
    return this.texts.get(this.analysis.program.files[file]!.path) ?? ''
  }
}

/** Turns offsets into lines and columns. */
class Places {
  private readonly lineStarts = new Map<number, readonly number[]>()
  private readonly analysis: Analysis
  private readonly secrets: Secrets

  constructor(analysis: Analysis, secrets: Secrets) {
    this.analysis = analysis
    this.secrets = secrets
  }

  shown(text: string): string {
    return this.secrets.shown(text)
  }

  /** From the source to the sink, which takes the place of the argument in it. */
  steps({ steps, sink }: Flow): FlowStep[] {
    const result: FlowStep[] = []
    for (const node of steps) {
      const index = fileOf(this.analysis.program, node)
      const file = this.analysis.program.files[index]!
      const local = node - this.analysis.program.bases[index]!
      const step = this.step(index, file.starts[local]!, file.ends[local]!)
      // What all of a template's names are read from stands nowhere.
      if (step.code === '' && result.length > 0) continue
      const last = result.at(-1)
      if (last && last.location.path === step.location.path && last.location.startLine === step.location.startLine && last.location.startColumn === step.location.startColumn) result.pop()
      result.push(step)
    }
    const end = this.step(sink.file, sink.start, sink.end)
    if (result.length > 1 && isWithin(result.at(-1)!.location, end.location)) result.pop()
    result.push(end)
    return result
  }

  private step(file: number, start: number, end: number): FlowStep {
    const { path } = this.analysis.program.files[file]!
    const code = this.shown(this.text(file).slice(start, Math.min(end, start + 300))).replace(/\s+/g, ' ').trim()
    return { location: { path, ...this.region(file, start, end) }, code: code.length > 80 ? `${code.slice(0, 79)}…` : code }
  }

  location(file: number, start: number, end: number): Required<Pick<FindingDraft, 'location' | 'snippet'>> {
    const region = this.region(file, start, end)
    const starts = this.starts(file)
    const snippet = this.text(file).slice(starts[region.startLine - 1], starts[Math.min(region.endLine, region.startLine + 4)] ?? undefined).replace(/\r?\n$/, '')
    return { location: { path: this.analysis.program.files[file]!.path, ...region }, snippet: this.shown(snippet).slice(0, 1000) }
  }

  private region(file: number, start: number, end: number) {
    const [startLine, startColumn] = this.position(file, start)
    const [endLine, endColumn] = this.position(file, end)
    return { startLine, startColumn, endLine, endColumn }
  }

  private position(file: number, offset: number): [line: number, column: number] {
    const starts = this.starts(file)
    let low = 0
    let high = starts.length
    while (low + 1 < high) {
      const middle = (low + high) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle
    }
    return [low + 1, offset - starts[low]! + 1]
  }

  private text(file: number): string {
    return this.secrets.text(file)
  }

  private starts(file: number): readonly number[] {
    let known = this.lineStarts.get(file)
    if (!known) {
      const text = this.text(file)
      const starts = [0]
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
      this.lineStarts.set(file, (known = starts))
    }
    return known
  }
}
