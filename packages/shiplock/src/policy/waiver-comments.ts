import { createHash } from 'node:crypto'
import { findComments, type Comment } from './comments.ts'
import { syntaxOf } from './syntax.ts'

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

/** Every file with a waiver comment has one of them. */
export const waiverWords = ['shiplock-ignore', 'nosec', 'NOSEC', 'lint-disable', 'biome-ignore', '@ts-ignore', '@ts-nocheck', '@ts-expect-error', 'trivy:ignore', 'tfsec:ignore', 'checkov:skip', 'bridgecrew:skip'] as const

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
  return found.map(({ comment, directive }) => {
    const { startLine, endLine, standsAlone } = comment
    const coversBelow = standsAlone && directive.kind !== 'nosec'
    const target = coversBelow ? below(endLine) : startLine
    const source = lines[target - 1] ?? ''
    const code = coversBelow ? source : source.replace(comment.text.split('\n', 1)[0] ?? '', '')
    return { path, line: startLine, ...directive, covers: directive.kind === 'tool' ? [] : coversBelow ? [startLine, target] : [startLine], code: digestOf(code.replace(/\s+/g, '')) }
  })
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32)

type Directive = Pick<WaiverComment, 'kind' | 'rules' | 'reason' | 'problem' | 'told'>

/** A rule as findings name it, `check/rule`. */
const rulePattern = /^[a-z][a-z0-9-]*\/[\w@][\w@./-]*$/

/** A rule of Bandit's or gosec's, by number or by Bandit's name: their business. */
const foreignPattern = /^(?:[A-Z]{1,4}\d{2,5}|[a-z0-9]+(?:_[a-z0-9]+)+)$/

/** ESLint, oxlint, Biome, TypeScript, Trivy and Checkov, whose findings are ours; a reason behind two dashes is none of what they are told. */
const toolPattern = /^\s*((?:(?:es|ox|ts)lint-disable[\w-]*|biome-ignore[\w-]*|@ts-(?:ignore|nocheck|expect-error)|(?:trivy|tfsec):ignore:\S*|(?:checkov|bridgecrew):skip=\S*)(?:\s(?!--\s).*?)?)(?:\s--\s.*)?$/

function directives({ text }: Comment, isHashed: boolean, aliases: RuleAliases): Directive[] {
  const [first = ''] = text.replace(/^\**/, '').split('\n', 1)
  const ignore = /^\s*shiplock-ignore(?![\w-])\s*:?\s*(.*)$/.exec(first)
  if (ignore) return [directive('shiplock-ignore', ignore[1] ?? '', aliases)]
  const tool = toolPattern.exec(first)
  if (tool) return [{ kind: 'tool', rules: [], told: (tool[1] ?? '').trim().replace(/\s+/g, ' ').slice(0, 200) }]
  // gosec writes it with a hash, Bandit reads it behind another comment too: `# type: ignore # nosec B101`.
  const nosec = (isHashed ? /(?:^|\s#)\s*(?:nosec|NOSEC)\b\s*:?\s*([^#]*)/ : /^\s*#?(?:nosec|NOSEC)\b\s*:?\s*(.*)$/).exec(first)
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
