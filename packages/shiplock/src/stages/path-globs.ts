import { matchesGlob } from 'node:path'

/** Most patterns that the braces of one glob may stand for before it is left to Node. */
const mostExpanded = 200

/**
 * Whether a path of the tree matches any of the globs, as `node:path` `matchesGlob` says. Node's own answer takes some two
 * microseconds for a path and a glob, which for a thousand files and the globs of every check is more than all the rest of
 * a run with nothing to do. So globs of stars, braces and plain characters become one regular expression; whatever else a
 * glob may hold is left to Node.
 *
 * `isHiddenSeen`: stars match names that begin with a dot as well. What a check looks at does not hide behind one.
 */
export function globMatcher(globs: readonly string[], { isHiddenSeen = false } = {}): (path: string) => boolean {
  const compiled = globs.map((glob) => [glob, compile(glob, isHiddenSeen)] as const)
  const sources = compiled.flatMap(([, source]) => source ?? [])
  const others = compiled.flatMap(([glob, source]) => (source === undefined ? [glob] : []))
  const known = sources.length === 0 ? undefined : new RegExp(`^(?:${sources.join('|')})$`)
  return (path) => (known?.test(path) ?? false) || others.some((glob) => matchesGlob(path, glob))
}

/** A regular expression for the glob; undefined where it holds what only Node understands. */
function compile(glob: string, isHiddenSeen: boolean): string | undefined {
  // Elsewhere Node ignores case in parts of a glob.
  if (process.platform !== 'linux') return undefined
  if (!/^[\w\-.*/{},@+= ]+$/.test(glob) || stars(glob) > mostStars) return undefined
  const expanded = expandBraces(glob)
  const sources = expanded?.map((one) => compileExpanded(one, isHiddenSeen))
  return sources?.every((source) => source !== undefined) ? sources.join('|') : undefined
}

/** Each makes a regular expression that backtracks slower by another power of the path's length. */
const mostStars = 4
const stars = (glob: string) => glob.match(/\*+/g)?.length ?? 0

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

function compileExpanded(glob: string, isHiddenSeen: boolean): string | undefined {
  const parts = glob.split('/')
  // Node takes these out of a glob by rules of its own; `+(` and `@(` would be its extended globs, and have no parenthesis here.
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return undefined
  const folders = parts.slice(0, -1)
  const last = parts.at(-1) ?? ''
  // As the last part it is anything below, but not the folder itself, in no hidden folder and of no hidden name.
  const visible = isHiddenSeen ? '' : '(?!\\.)'
  const anyFolders = `(?:${visible}[^/]+/)*`
  const end = last === '**' ? `${anyFolders}${visible}[^/]+` : compilePart(last, visible)
  return `${folders.map((part) => (part === '**' ? anyFolders : `${compilePart(part, visible)}/`)).join('')}${end}`
}

function compilePart(part: string, visible: string): string {
  if (/^\*+$/.test(part)) return `${visible}[^/]+`
  const source = part.replace(/\*+|[.+]/g, (found) => (found.startsWith('*') ? '[^/]*' : `\\${found}`))
  return part.startsWith('*') ? `${visible}${source}` : source
}
