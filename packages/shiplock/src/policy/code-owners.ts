import { matchesPath } from './path-pattern.ts'

/** One line of a CODEOWNERS file. */
export interface OwnerRule {
  readonly pattern: string
  /** `@user`, `@organisation/team`, or an e-mail address. Empty: whoever owned it before does no longer. */
  readonly owners: readonly string[]
  readonly line: number
}

/** GitHub reads none that is larger. */
const largestFile = 3 * 1024 * 1024

/** What GitHub would skip (negations, character classes, words that are no owners) is skipped: such a line names nobody. */
export function parseCodeOwners(text: string): OwnerRule[] {
  if (text.length > largestFile) return []
  return text.split(/\r?\n/).flatMap((whole, index) => {
    const [pattern, ...owners] = wordsOf(whole)
    if (pattern === undefined || /^!|[[\]]/.test(pattern) || !owners.every((owner) => ownerPattern.test(owner))) return []
    return [{ pattern, owners, line: index + 1 }]
  })
}

const ownerPattern = /^(?:@[A-Za-z0-9][A-Za-z0-9_-]*(?:\/[A-Za-z0-9_.-]+)?|[^@\s]+@[^@\s]+)$/

/** Words up to a comment; behind a backslash a space or a `#` is itself. */
function wordsOf(line: string): string[] {
  const words: string[] = []
  let word = ''
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at)
    if (char === '\\' && at + 1 < line.length) word += line.charAt((at += 1))
    else if (/\s/.test(char)) {
      if (word !== '') words.push(word)
      word = ''
    } else if (char === '#' && word === '') break
    else word += char
  }
  return word === '' ? words : [...words, word]
}

/** The last line whose pattern names the path; undefined where none does. `path` is relative to the root of the repository. */
export const ownerRuleOf = (rules: readonly OwnerRule[], path: string): OwnerRule | undefined => rules.findLast(({ pattern }) => ownsPath(pattern, path))

/**
 * Whether a pattern names a path, as gitignore has it: with a slash before its end from the root, otherwise in any folder; a
 * folder's name covers what is below. A last `*` alone covers the files of its folder, and not what is in folders below.
 */
export function ownsPath(pattern: string, path: string): boolean {
  const bare = pattern.replace(/^\/+/, '').replace(/\/+$/, '')
  if (bare === '') return pattern !== ''
  const isRooted = /\/./.test(pattern)
  const isFolder = pattern.endsWith('/')
  const isLevel = isRooted && !isFolder && /(?:^|\/)\*$/.test(bare)
  const rooted = isRooted ? bare : `**/${bare}`
  return (!isFolder && matchesPath(path, rooted)) || (!isLevel && matchesPath(path, `${rooted}/**`))
}
