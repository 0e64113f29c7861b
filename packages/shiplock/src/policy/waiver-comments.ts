import { createHash } from 'node:crypto'
import { findComments, type Comment } from './comments.ts'
import { isScript, syntaxOf } from './syntax.ts'

/** A comment that says that a finding does not count. */
export interface WaiverComment {
  readonly path: string
  readonly line: number
  /** `tool`: another tool is told to leave something out, which Shiplock then never sees. It waives nothing of ours. */
  readonly kind: 'shiplock-ignore' | 'nosec' | 'tool'
  /** As findings name them. */
  readonly rules: readonly string[]
  readonly reason?: string
  /** What the other tool is told. */
  readonly told?: string
  /** Why it waives nothing, or less than it should say. */
  readonly problem?: 'without-rule' | 'without-reason'
  /** Lines of findings that it covers: its own, and where it stands alone the one below. */
  readonly covers: readonly number[]
  /**
   * A digest of the code that it covers, without white space: the same comment over other code is another one. No text, since
   * what is masked in one of two commits would differ from what is not in the other.
   */
  readonly code: string
}

/** Every file with a waiver comment has one of them, but for `@ts-nocheck`, which TypeScript reads in any case (`mayWaive`). */
export const waiverWords = ['shiplock-ignore', 'nosec', 'NOSEC', 'eslint', 'lint-disable', 'lint:disable', 'biome-ignore', '@ts-ignore', '@ts-nocheck', '@ts-expect-error', 'trivy:ignore', 'tfsec:ignore', 'checkov:skip', 'bridgecrew:skip'] as const

/** Whether a file may hold a waiver comment: most do not, and are not parsed. */
export const mayWaive = (path: string, content: Buffer): boolean => waiverWords.some((word) => content.includes(word)) || (isScript(path) && /@ts-nocheck/i.test(content.toString('latin1')))

/** Rules by the short number that a comment may name them by. */
export type RuleAliases = ReadonlyMap<string, string>

/** The waiver comments of a file, in its order. */
export async function findWaiverComments(path: string, text: string, aliases: RuleAliases = new Map()): Promise<readonly WaiverComment[]> {
  const isHashed = syntaxOf(path)?.line.includes('#') ?? false
  const found = (await findComments(path, text)).flatMap((comment) => directives(comment, isHashed, aliases).map((directive) => ({ comment, directive })))
  const lines = text.split('\n')
  // A waiver below another one belongs to the same code.
  const standing = new Map(found.filter(({ comment, directive }) => comment.standsAlone && directive.kind === 'shiplock-ignore').map(({ comment }) => [comment.startLine, comment.endLine]))
  // From the last one up, so that thousands of them that follow one another are gone through once.
  const codeBelow = new Map<number, number>()
  for (const [start, end] of [...standing].toSorted(([a], [b]) => b - a)) codeBelow.set(start, codeBelow.get(end + 1) ?? end + 1)
  const below = (line: number): number => codeBelow.get(line + 1) ?? line + 1
  const before = digestsBefore(path, lines)
  return found.map(({ comment, directive }) => {
    const { startLine, endLine, standsAlone } = comment
    const coversBelow = standsAlone && directive.kind !== 'nosec'
    const target = coversBelow ? below(endLine) : startLine
    const own = standsAlone ? '' : (lines[startLine - 1] ?? '').replace(comment.text.split('\n', 1)[0] ?? '', '')
    const code = directive.kind === 'tool' ? hiddenCode(directive.told ?? '', { lines, comment, own }) : coversBelow ? (lines[target - 1] ?? '') : own
    if (code === undefined) return { path, line: startLine, ...directive, covers: [], code: before(startLine) }
    return { path, line: startLine, ...directive, covers: directive.kind === 'tool' ? [] : coversBelow ? [startLine, target] : [startLine], code: digestOf(code.replace(/\s+/g, '')) }
  })
}

/** What is told for the rest of a file, or all of it. */
const forTheRest = /^(?:(?:es|ox)lint-disable(?!-(?:next-)?line)|tslint:disable(?!-(?:next-)?line)|eslint |biome-ignore-(?:all|start)|@ts-nocheck)/i
const forTheNext = /-next-line|^@ts-|^biome-ignore/i
/** Told for a whole block, of Terraform say, from inside of it or from above. */
const forTheBlock = /^(?:trivy|tfsec|checkov|bridgecrew):/
const mostLinesUp = 200

/** The code that another tool leaves out; undefined where that is all that follows, which is told by what it follows. */
function hiddenCode(told: string, { lines, comment: { startLine, endLine, standsAlone }, own }: { readonly lines: readonly string[]; readonly comment: Comment; readonly own: string }): string | undefined {
  if (forTheRest.test(told)) return undefined
  const next = standsAlone || forTheNext.test(told) ? (lines[endLine] ?? '') : ''
  if (!forTheBlock.test(told)) return `${own}${next}`
  const depth = indentOf(lines[startLine - 1] ?? '')
  const head = lines.slice(Math.max(0, startLine - 1 - mostLinesUp), startLine - 1).findLast((line) => line.trim() !== '' && indentOf(line) < depth)
  return `${head ?? ''}${own}${next}`
}

const indentOf = (line: string) => line.length - line.trimStart().length

/**
 * A digest of the path and of all code before a line, to be asked from the first line to the last: a comment for the rest of a
 * file is another one where it stands in another file, or comes earlier.
 */
function digestsBefore(path: string, lines: readonly string[]): (line: number) => string {
  const hash = createHash('sha256').update(JSON.stringify(path))
  let done = 0
  return (line) => {
    for (; done < line - 1; done++) hash.update((lines[done] ?? '').replace(/\s+/g, ''))
    return hash.copy().digest('hex').slice(0, 32)
  }
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32)

type Directive = Pick<WaiverComment, 'kind' | 'rules' | 'reason' | 'problem' | 'told'>

/** A rule as findings name it, `check/rule`. */
const rulePattern = /^[a-z][a-z0-9-]*\/[\w@][\w@./-]*$/

/** A rule of Bandit's or gosec's, by number or by Bandit's name: their business. */
const foreignPattern = /^(?:[A-Z]{1,4}\d{2,5}|[a-z0-9]+(?:_[a-z0-9]+)+)$/

/** What ESLint, oxlint, Biome and TypeScript obey, whose findings are ours: it stands first in a comment, whatever stars and slashes are before it. */
const toolPattern = /^(?:(?:es|ox)lint-disable|tslint:disable|biome-ignore|@ts-(?:ignore|nocheck|expect-error)|eslint\s+["']?[\w@/-]+["']?\s*:)/i
/** TypeScript looks at the last line of a comment. */
const lastLinePattern = /^@ts-(?:ignore|expect-error)/
/** Trivy and Checkov find theirs anywhere in a comment. */
const anywherePattern = /(?:trivy|tfsec):ignore:\S*|(?:checkov|bridgecrew):skip=\s*\S*/g

/** What another tool is told by a comment; a reason behind two dashes is none of it. */
function toldBy(text: string): string | undefined {
  const inside = (part: string) => part.replace(/^[\s*/]+/, '')
  const whole = inside(text)
  const last = inside(text.slice(text.lastIndexOf('\n') + 1))
  const told = toolPattern.test(whole) ? whole : lastLinePattern.test(last) ? last : (text.match(anywherePattern) ?? []).join(' ')
  const plain = told.replace(/\s--\s.*$/s, '').replace(/\s+/g, ' ').trim()
  if (plain === '') return undefined
  return plain.length <= longestTold ? plain : `${plain.slice(0, longestTold)}… (${digestOf(plain).slice(0, 8)})`
}

const longestTold = 200

function directives({ text }: Comment, isHashed: boolean, aliases: RuleAliases): Directive[] {
  const [first = ''] = text.replace(/^\**/, '').split('\n', 1)
  // What follows is taken whatever it is: a pattern that could fail there would try every division of the blanks before it.
  const ignore = /^\s*shiplock-ignore(?![\w-])\s*:?\s*([^]*)$/.exec(first)
  if (ignore) return [directive('shiplock-ignore', ignore[1] ?? '', aliases)]
  const told = toldBy(text)
  if (told !== undefined) return [{ kind: 'tool', rules: [], told }]
  // gosec writes it with a hash, Bandit reads it behind another comment too: `# type: ignore # nosec B101`.
  const nosec = (isHashed ? /(?:^|\s#)\s*(?:nosec|NOSEC)\b\s*:?\s*([^#]*)/ : /^\s*#?(?:nosec|NOSEC)\b\s*:?\s*([^]*)$/).exec(first)
  if (!nosec) return []
  const found = directive('nosec', nosec[1] ?? '', aliases)
  const names = (nosec[1] ?? '').split(/[\s,]+/)
  return found.rules.length === 0 && names.some((name) => foreignPattern.test(name)) ? [] : [found]
}

function directive(kind: Directive['kind'], content: string, aliases: RuleAliases): Directive {
  const [names = '', reason] = split(content)
  const words = names.split(/[\s,]+/).filter((word) => word !== '').map((word) => aliases.get(word) ?? word)
  const rules = words.filter((word) => rulePattern.test(word))
  if (rules.length === 0) return { kind, rules, problem: 'without-rule', ...(reason !== undefined && { reason }) }
  // Words that are no rules are a reason whose dashes are missing: what was meant is not guessed.
  if (reason === undefined || (kind === 'shiplock-ignore' && rules.length < words.length)) return { kind, rules, problem: 'without-reason' }
  return { kind, rules, reason }
}

function split(content: string): [string, string?] {
  const dashes = /(?:^|\s)--(?:\s|$)/.exec(content)
  if (!dashes) return [content]
  const reason = content.slice(dashes.index + dashes[0].length).trim()
  return reason === '' ? [content.slice(0, dashes.index)] : [content.slice(0, dashes.index), reason]
}
