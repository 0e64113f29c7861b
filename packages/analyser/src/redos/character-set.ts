/**
 * A set of code points (of UTF-16 code units where neither `u` nor `v` is given): ascending pairs of first and last,
 * none touching the next, all in one flat list.
 */
export type CharacterSet = readonly number[]

export const maxCodePoint = 0x10ffff
const empty: CharacterSet = []
const everything: CharacterSet = [0, maxCodePoint]

export const CharacterSets = { empty, everything, of, union, intersect, subtract, complement, includes }

/** Whichever way round and however overlapping the pairs come. */
function of(pairs: Iterable<readonly [number, number]>): CharacterSet {
  const sorted = [...pairs].toSorted((a, b) => a[0] - b[0])
  const set: number[] = []
  for (const [first, last] of sorted) {
    const end = set.at(-1)
    if (end !== undefined && first <= end + 1) set[set.length - 1] = Math.max(end, last)
    else set.push(first, last)
  }
  return set
}

function pairsOf(set: CharacterSet): [number, number][] {
  const pairs: [number, number][] = []
  for (let i = 0; i < set.length; i += 2) pairs.push([set[i] as number, set[i + 1] as number])
  return pairs
}

function union(sets: readonly CharacterSet[]): CharacterSet {
  return sets.length === 1 ? (sets[0] as CharacterSet) : of(sets.flatMap(pairsOf))
}

function complement(set: CharacterSet): CharacterSet {
  const rest: number[] = []
  let next = 0
  for (let i = 0; i < set.length; i += 2) {
    const first = set[i] as number
    if (first > next) rest.push(next, first - 1)
    next = (set[i + 1] as number) + 1
  }
  if (next <= maxCodePoint) rest.push(next, maxCodePoint)
  return rest
}

function intersect(a: CharacterSet, b: CharacterSet): CharacterSet {
  const common: number[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const lastA = a[i + 1] as number
    const lastB = b[j + 1] as number
    const first = Math.max(a[i] as number, b[j] as number)
    const last = Math.min(lastA, lastB)
    if (first <= last) common.push(first, last)
    if (lastA < lastB) i += 2
    else j += 2
  }
  return common
}

function subtract(a: CharacterSet, b: CharacterSet): CharacterSet {
  return intersect(a, complement(b))
}

function includes(set: CharacterSet, character: number): boolean {
  let low = 0
  let high = set.length >> 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((set[2 * middle + 1] as number) < character) low = middle + 1
    else high = middle
  }
  return 2 * low < set.length && (set[2 * low] as number) <= character
}
