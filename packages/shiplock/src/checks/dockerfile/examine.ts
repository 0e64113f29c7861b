import type { FindingDraft } from '@shiplock/findings'
import type { Dockerfile, Problem, Span, Surroundings } from './dockerfile.ts'
import { examiners } from './examiners.ts'
import { parseDockerfile } from './parse.ts'
import type { Flaw } from './rule.ts'
import { rules } from './rules.ts'

/** Beyond these nobody wrote it, and reading it would cost more than it tells. */
const longest = 128 * 1024
const mostLines = 5000
const mostStages = 100
/** Of one rule in one file. */
const mostFlaws = 100
/** Less than that would mask parts of ordinary words. Characters. */
const shortestSecret = 4
const mostSnippetLines = 5
const longestSnippet = 2000

export function examineFile(path: string, text: string, surroundings: Surroundings): FindingDraft[] {
  const gap = tooMuch(text)
  if (gap !== undefined) return [{ rule: 'dockerfile/unreadable', message: gap, location: { path } }]
  const encoding = encodingProblem(text)
  let dockerfile: Dockerfile
  try {
    dockerfile = parseDockerfile(path, text, surroundings)
  } catch (error) {
    // The parser is not ours, and the file may be made to break it.
    return [{ rule: 'dockerfile/unparsable', message: `the parser gives up: ${error instanceof Error ? error.message : String(error)}`, location: { path } }]
  }
  if (encoding) dockerfile = { ...dockerfile, gaps: [...dockerfile.gaps, encoding] }
  const found = rules.map(({ id }) => ({ rule: id, all: [...examiners[id](dockerfile)] }))
  const secrets = found.flatMap(({ all }) => all.flatMap(({ secret }) => secret ?? [])).toSorted((a, b) => a.start - b.start)
  const secretTexts = [...new Set(secrets.map(({ start, end }) => text.slice(start, end).replace(/^["']|["']$/g, '')))].filter((secret) => secret.length >= shortestSecret)
  const withoutSecrets = (message: string) => secretTexts.reduce((masked, secret) => masked.replaceAll(secret, '***'), message)
  const lines = new Lines(text)
  return found.flatMap(({ rule, all }) => firstOf(all).map((flaw) => ({ rule, flaw }))).map(({ rule, flaw: { message, at, severity, insert } }) => ({
    rule,
    message: withoutSecrets(message),
    location: { path, ...lines.region(at) },
    // Whole lines, as everywhere, but none of the secrets that were found anywhere in them.
    ...(secrets.length > 0 && { snippet: lines.masked(at, secrets) }),
    ...(severity && { severity }),
    ...(insert && { edits: [{ path, ...lines.region({ start: insert.at, end: insert.at }), text: insert.text }] }),
  }))
}

function firstOf(flaws: readonly Flaw[]): readonly Flaw[] {
  const next = flaws[mostFlaws]
  return next ? [...flaws.slice(0, mostFlaws), { ...next, message: `${next.message}; ${flaws.length - mostFlaws - 1} more places in this file are not listed` }] : flaws
}

function tooMuch(text: string): string | undefined {
  if (text.length > longest) return `${text.length} characters: a Dockerfile over ${longest / 1024} KiB is not looked at`
  if (text.includes('\0')) return 'binary data: it holds NUL characters'
  const lines = text.split(/\r\n|\n|\r/)
  if (lines.length > mostLines) return `${lines.length} lines: a Dockerfile over ${mostLines} lines is not looked at`
  const stages = lines.filter((line) => /^\s{0,40}FROM\b/i.test(line)).length
  return stages > mostStages ? `${stages} stages: a Dockerfile over ${mostStages} stages is not looked at` : undefined
}

function encodingProblem(text: string): Problem | undefined {
  const start = text.indexOf('\uFFFD')
  return start === -1 ? undefined : { message: 'a byte that is no UTF-8: what stands here was not understood', at: { start, end: start + 1 } }
}

/** Places in a text as SARIF counts them. */
class Lines {
  private readonly text: string
  private readonly starts: readonly number[]

  constructor(text: string) {
    this.text = text
    const starts = [0]
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    this.starts = starts
  }

  region({ start, end }: Span): { startLine: number; startColumn: number; endLine: number; endColumn: number } {
    const first = this.lineAt(start)
    const last = this.lineAt(Math.max(start, end - 1))
    return { startLine: first + 1, startColumn: start - this.startOf(first) + 1, endLine: last + 1, endColumn: Math.max(start, end) - this.startOf(last) + 1 }
  }

  masked(at: Span, secrets: readonly Span[]): string {
    const { startLine, endLine } = this.region(at)
    let position = this.startOf(startLine - 1)
    const end = Math.min(this.startOf(Math.min(endLine, startLine + mostSnippetLines - 1)), position + longestSnippet)
    let text = ''
    for (const secret of secrets) {
      if (secret.end <= position || secret.start >= end) continue
      text += `${this.text.slice(position, Math.max(position, secret.start))}***`
      position = secret.end
    }
    return `${text}${this.text.slice(position, Math.max(position, end))}`.replace(/\r?\n$/, '')
  }

  private startOf(line: number): number {
    return this.starts[line] ?? this.text.length
  }

  private lineAt(offset: number): number {
    let low = 0
    let high = this.starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.startOf(middle) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
}
