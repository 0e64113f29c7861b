/**
 * Whether a pattern names a path: `*` is anything within a folder's or file's name, `?` one character of it, `**` any folders.
 * Every other character is itself, also `[id]` and a leading dot. Takes time in proportion to both lengths, whoever wrote the
 * pattern: braces and the like can be made to take for ever.
 */
export function matchesPath(path: string, pattern: string): boolean {
  let places = new Set([0])
  for (const part of partsOf(pattern)) {
    if (places.size === 0) return false
    places = step(places, part, path)
  }
  return places.has(path.length)
}

/** Whether it names one path and no others. */
export const isOnePath = (pattern: string): boolean => !/[*?]/.test(pattern)

/** `**` with its slash or at the end, `*`, or one character. More stars than stand alone between slashes are one. */
const partsOf = (pattern: string) => Array.from(pattern.matchAll(/((?<=^|\/)\*\*(?:\/|$))|\*+|[^*]/gs), ([part, folders]) => folders ?? (part.startsWith('*') ? '*' : part))

/** Where in the path one may be after a part of the pattern, if one may be at `places` before it. */
function step(places: ReadonlySet<number>, part: string, path: string): Set<number> {
  if (part === '**/' || part === '**') {
    const first = Math.min(...places)
    return new Set(Array.from({ length: path.length - first + 1 }, (_, index) => first + index).filter((at) => places.has(at) || part === '**' || path.charAt(at - 1) === '/'))
  }
  const next = new Set<number>()
  for (const at of places) {
    if (part === '*') for (let end = at; end <= path.length && !next.has(end); end += 1) {
      next.add(end)
      if (path.charAt(end) === '/') break
    }
    else if (at < path.length && (part === '?' ? path.charAt(at) !== '/' : path.charAt(at) === part)) next.add(at + 1)
  }
  return next
}
