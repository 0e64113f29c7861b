import { matchesGlob } from 'node:path/posix'

/** Most patterns that the braces of one glob may stand for before it is left to Node. */
const mostExpanded = 200

/**
 * Whether a path of the tree matches any of the globs, as `node:path` `matchesGlob` says, on every system as on Linux: `/`
 * parts names, case counts, and a name that is composed otherwise is the same one. Node's own answer takes some two
 * microseconds for a path and a glob, which for a thousand files and the globs of every check is more than all the rest of
 * a run with nothing to do. So most globs become one regular expression.
 *
 * `isHiddenSeen`: stars match names that begin with a dot as well. What a check looks at does not hide behind one, and what
 * the config leaves out is left out there too.
 */
export function globMatcher(globs: readonly string[], { isHiddenSeen = false } = {}): (path: string) => boolean {
  const parsed = globs.map(composed).map((glob) => [glob, parse(glob)] as const)
  const all = parsed.flatMap(([, patterns]) => patterns ?? [])
  const sources = all.filter(isQuick).map((pattern) => sourceOf(pattern, isHiddenSeen))
  const slow = all.filter((pattern) => !isQuick(pattern))
  // Only of globs that are written in a check: `isGlob` refuses them where the config names them.
  const others = parsed.flatMap(([glob, patterns]) => (patterns ? [] : [glob]))
  const known = sources.length === 0 ? undefined : new RegExp(`^(?:${sources.join('|')})$`)
  return (given) => {
    const path = composed(given)
    return (known?.test(path) ?? false) || slow.some((pattern) => matches(pattern, path.split('/'), isHiddenSeen)) || others.some((glob) => matchesGlob(path, glob))
  }
}

/** Whether the glob is one of those that are matched alike everywhere: `*`, `**`, `?`, `[a-z]` and `{a,b}`, from the root. */
export const isGlob = (glob: string): boolean => !glob.startsWith('!') && !glob.includes('(') && parse(glob) !== undefined

/** macOS takes `é` apart into two characters; git and whoever writes a glob mostly do not. */
const composed = (text: string) => (/[^\0-\x7F]/.test(text) ? text.normalize('NFC') : text)

/** `**` for any folders, `undotted` for any name without a dot (`!(*.*)`), or what one name is to be. */
type Segment = '**' | 'undotted' | readonly Token[]
/** `*`, `?`, one of some characters, or this character. */
type Token = { readonly is: 'star' } | { readonly is: 'one' } | { readonly is: 'class'; readonly source: string; readonly pattern: RegExp } | { readonly is: 'character'; readonly character: string }

/** The patterns that a glob stands for; undefined where it holds what only Node understands. */
function parse(glob: string): readonly (readonly Segment[])[] | undefined {
  if (/[()\\\p{Cc}\uFFFD]/u.test(glob.replaceAll(undotted, ''))) return undefined
  const patterns = expandBraces(glob)?.map(parseExpanded)
  return patterns?.every((pattern) => pattern !== undefined) ? patterns : undefined
}

/** `{a,b}c` → `ac`, `bc`; undefined for ranges, for braces without a comma, and for what does not close. */
function expandBraces(glob: string): string[] | undefined {
  const found = /\{([^{}]*)\}/.exec(glob)
  if (!found) return /[{}]/.test(glob) ? undefined : [glob]
  const inside = found[1] ?? ''
  if (!inside.includes(',') || inside.includes('..')) return undefined
  const [before, after] = [glob.slice(0, found.index), glob.slice(found.index + found[0].length)]
  const all: string[] = []
  for (const choice of inside.split(',')) {
    const rest = expandBraces(`${before}${choice}${after}`)
    if (!rest || all.length + rest.length > mostExpanded) return undefined
    all.push(...rest)
  }
  return all
}

function parseExpanded(glob: string): readonly Segment[] | undefined {
  const parts = glob.split('/')
  // Node takes these out of a glob by rules of its own.
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return undefined
  const segments = parts.map((part): Segment | undefined => (part === '**' ? part : part === undotted ? 'undotted' : parseName(part)))
  if (!segments.every((segment) => segment !== undefined)) return undefined
  return segments.filter((segment, at) => segment !== '**' || segments[at + 1] !== '**')
}

/** The one group that is read here, since no other glob says it: commands have no extension. */
const undotted = '!(*.*)'

const tokenPattern = /\*+|\?|\[(?<negation>[!^]?)(?<members>(?:[A-Za-z0-9]-[A-Za-z0-9]|[\w.])+)\]|[^*?[\]]/gsu

function parseName(part: string): readonly Token[] | undefined {
  const tokens: Token[] = []
  let at = 0
  for (const found of part.matchAll(tokenPattern)) {
    if (found.index !== at) return undefined
    at += found[0].length
    const { negation = '', members } = found.groups ?? {}
    if (members?.length === 1 && negation === '') tokens.push({ is: 'character', character: members })
    else if (members !== undefined) {
      // A range from back to front is no range.
      if (/([A-Za-z0-9])-([A-Za-z0-9])/.test(members) && [...members.matchAll(/(.)-(.)/g)].some(([, from = '', to = '']) => from > to)) return undefined
      const source = `[${negation === '' ? '' : '^/'}${members}]`
      tokens.push({ is: 'class', source, pattern: new RegExp(`^${source}$`) })
    } else if (found[0].startsWith('*')) tokens.push({ is: 'star' })
    else if (found[0] === '?') tokens.push({ is: 'one' })
    else tokens.push(...found[0].split('').map((character): Token => ({ is: 'character', character })))
  }
  return at === part.length && tokens.length > 0 ? tokens : undefined
}

const isVisibleOnly = ([first]: readonly Token[]) => first !== undefined && first.is !== 'character'

/**
 * As one regular expression it takes at most the square of the path's length: each `**` and each star beyond would be another
 * power of it, and in a hostile tree a path has as many folders as it likes.
 */
const isQuick = (pattern: readonly Segment[]) => pattern.filter((segment) => segment === '**').length <= 2 && pattern.every((segment) => typeof segment === 'string' || segment.filter(({ is }) => is === 'star').length <= 2)

function sourceOf(pattern: readonly Segment[], isHiddenSeen: boolean): string {
  const visible = isHiddenSeen ? '' : '(?!\\.)'
  const anyFolders = `(?:${visible}[^/]+/)*`
  const nameSource = (tokens: readonly Token[]) => {
    // A star alone stands for a name, never for none.
    if (tokens.every(({ is }) => is === 'star')) return `${visible}[^/]+`
    return `${isVisibleOnly(tokens) ? visible : ''}${tokens.map(sourceOfToken).join('')}`
  }
  return pattern.map((segment, at) => {
    const isLast = at === pattern.length - 1
    // As the last part it is anything below, but not the folder itself, in no hidden folder and of no hidden name.
    if (segment === '**') return isLast ? `${anyFolders}${visible}[^/]+` : anyFolders
    const name = segment === 'undotted' ? `${visible}[^/.]+` : nameSource(segment)
    return isLast ? name : `${name}/`
  }).join('')
}

function sourceOfToken(token: Token): string {
  if (token.is === 'star') return '[^/]*'
  if (token.is === 'one') return '[^/]'
  return token.is === 'class' ? token.source : token.character.replace(/[$+.^|-]/, '\\$&')
}

/** The same, name by name: every part of the pattern that may come next is kept in mind, so that nothing is tried twice. */
function matches(pattern: readonly Segment[], names: readonly string[], isHiddenSeen: boolean): boolean {
  const end = pattern.length
  // A `**` that is not the last may stand for no folder.
  const reach = (into: Set<number>, at: number): Set<number> => {
    into.add(at)
    return pattern[at] === '**' && at + 1 < end ? reach(into, at + 1) : into
  }
  let reached = reach(new Set(), 0)
  for (const name of names) {
    const isSeen = isHiddenSeen || !name.startsWith('.')
    const next = new Set<number>()
    for (const at of reached) {
      const segment = pattern[at]
      if (segment === '**' && isSeen) reach(next, at).add(at + 1 === end ? end : at)
      else if (segment === 'undotted' && !name.includes('.')) reach(next, at + 1)
      else if (Array.isArray(segment) && (isSeen || !isVisibleOnly(segment)) && matchesName(segment, name)) reach(next, at + 1)
    }
    reached = next
  }
  return reached.has(end)
}

/** Where a star has taken too little, it takes one character more; an earlier star need never be asked again. */
function matchesName(tokens: readonly Token[], name: string): boolean {
  let [at, position, star, taken] = [0, 0, -1, 0]
  while (position < name.length) {
    const token = tokens[at]
    if (token?.is === 'star') {
      star = at++
      taken = position
    } else if (token && isOne(token, name.charAt(position))) {
      at++
      position++
    } else if (star >= 0) {
      at = star + 1
      position = ++taken
    } else return false
  }
  return tokens.slice(at).every(({ is }) => is === 'star')
}

function isOne(token: Token, character: string): boolean {
  if (token.is === 'class') return token.pattern.test(character)
  return token.is === 'one' || (token.is === 'character' && token.character === character)
}
