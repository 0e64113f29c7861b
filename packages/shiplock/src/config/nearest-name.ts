/**
 * The known name that was most likely meant, or undefined when none is near: a third of the letters may be wrong, at least
 * one. Letter case and `-`, `_` count for nothing.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const wanted = fold(name)
  // Longer than any name of ours: not a slip of the finger, and the distance costs the product of the lengths.
  if (wanted.length > 64) return undefined
  let best: { name: string; distance: number } | undefined
  for (const candidate of known) {
    const distance = editDistance(wanted, fold(candidate))
    const isNear = distance <= Math.max(1, Math.floor(wanted.length / 3))
    if (isNear && distance < (best?.distance ?? Infinity)) best = { name: candidate, distance }
  }
  return best?.name
}

const fold = (name: string) => name.toLowerCase().replace(/[-_]/g, '')

/** Damerau–Levenshtein in its optimal-string-alignment form: insertions, deletions, substitutions, swaps of neighbours. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const substitution = at(last, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1)
      let cost = Math.min(substitution, at(last, column) + 1, at(current, column - 1) + 1)
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (isSwap) cost = Math.min(cost, at(beforeLast, column - 2) + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return at(last, b.length)
}

const at = (row: readonly number[], column: number) => row[column] ?? Infinity
