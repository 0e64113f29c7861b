/** Names that people mean, and those that are known not to be mistaken for them. */
export interface PopularNames {
  /** Names worth imitating. */
  readonly imitated: readonly string[]
  /** Names that many install and therefore mean; those above are among them. */
  readonly meant: ReadonlySet<string>
}

export interface Confusion {
  readonly name: string
  /** How the two differ, to be read after "is": `one letter away from`. */
  readonly how: string
}

/** What a popular package could be mistaken for this one; undefined where the name is well known itself. */
export function createConfusables({ imitated, meant }: PopularNames): (name: string) => Confusion | undefined {
  const bySkeleton = firstOf(imitated, skeleton)
  const byWords = firstOf(imitated, wordsInAnyOrder)
  const byName = new Set(imitated)
  const scopes = new Map<string, string>()
  for (const name of imitated) if (name.startsWith('@')) scopes.set(scopeOf(name), name)
  const byLength = Map.groupBy(imitated.filter((name) => name.length >= shortestImitated), ({ length }) => length)
  return (name) => {
    if (meant.has(name)) return undefined
    const look = bySkeleton.get(skeleton(name))
    // Packages move into a scope of their project: `@turbo/linux-64` follows `turbo-linux-64`.
    if (look !== undefined && !(name.startsWith('@') && !look.startsWith('@'))) return { name: look, how: 'looks or reads like' }
    const bare = withoutAffix(name)
    if (bare !== undefined && byName.has(bare)) return { name: bare, how: 'only adds a word to' }
    const scope = scopeOf(name)
    if (scope !== '' && !scopes.has(scope)) {
      const rest = name.slice(scope.length)
      for (const [popular] of scopes) if (byName.has(popular + rest) && isOneSlipApart(scope, popular)) return { name: popular + rest, how: 'has almost the scope of' }
    }
    const swapped = byWords.get(wordsInAnyOrder(name))
    if (swapped !== undefined) return { name: swapped, how: 'has the words in another order than' }
    for (const length of [name.length, name.length - 1, name.length + 1])
      for (const popular of byLength.get(length) ?? []) if (scopeOf(popular) === scope && isOneSlipApart(name.slice(scope.length), popular.slice(scope.length))) return { name: popular, how: 'is one slip of the keyboard away from' }
    return undefined
  }
}

/** Shorter ones are one letter away from half of the dictionary. */
const shortestImitated = 5

const scopeOf = (name: string) => (name.startsWith('@') && name.includes('/') ? name.slice(0, name.indexOf('/')) : '')

function wordsInAnyOrder(name: string): string {
  const scope = scopeOf(name)
  return `${scope}/${name.slice(scope.length).toLowerCase().split(/[^a-z\d]+/).toSorted().join(' ').trim()}`
}

/** What a name looks like at a glance: without marks and case, letters that are drawn alike made one. */
function skeleton(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\p{M}@/._-]/gu, '')
    .replace(/[а-яіѕјԁ]/gu, (letter) => cyrillic[letter] ?? letter)
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll('0', 'o')
    .replace(/[1|]/g, 'l')
    .replace(/[5$]/g, 's')
}

/** The letters of the Cyrillic alphabet that are drawn as Latin ones. */
const cyrillic: Readonly<Record<string, string>> = { а: 'a', е: 'e', о: 'o', р: 'p', с: 'c', у: 'y', х: 'x', і: 'i', ѕ: 's', ј: 'j', ԁ: 'd', к: 'k', м: 'm', т: 't', в: 'b', н: 'h' }

/** Words that say nothing, in front or behind. */
const affix = /^(?:node|npm|js|the|original|official)[-_.]|^node(?=[a-z]{4})|[-_.](?:js|node|nodejs|npm|official|original|latest|new|v\d+)$|(?<=[a-z]{3})js$/

const withoutAffix = (name: string) => (affix.test(name) ? name.replace(affix, '') : undefined)

/** One letter left out, doubled, put in, or exchanged with its neighbour in the word or on the keyboard. */
export function isOneSlipApart(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false
  const from = firstDifference(a, b)
  if (a.length !== b.length) {
    const [long, short] = a.length > b.length ? [a, b] : [b, a]
    return long.slice(from + 1) === short.slice(from)
  }
  if (a.slice(from + 1) === b.slice(from + 1)) return areNeighbours(a[from] ?? '', b[from] ?? '')
  return a[from] === b[from + 1] && a[from + 1] === b[from] && a.slice(from + 2) === b.slice(from + 2)
}

function firstDifference(a: string, b: string): number {
  let at = 0
  while (at < a.length && a[at] === b[at]) at += 1
  return at
}

const rows = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm']
const vowels = 'aeiouy'

/** Beside each other on a keyboard, or vowels, which are what people misremember. */
function areNeighbours(a: string, b: string): boolean {
  if (vowels.includes(a) && vowels.includes(b)) return true
  return rows.some((row, n) => row.includes(a) && [row, rows[n + 1] ?? ''].some((other, down) => other.includes(b) && Math.abs(other.indexOf(b) - row.indexOf(a) + (down === 1 ? 0.5 : 0)) <= 1)) || rows.some((row, n) => row.includes(b) && (rows[n + 1] ?? '').includes(a) && Math.abs(rows[n + 1]!.indexOf(a) - row.indexOf(b) + 0.5) <= 1)
}

function firstOf(names: readonly string[], keyOf: (name: string) => string): Map<string, string> {
  const found = new Map<string, string>()
  for (const name of names) if (!found.has(keyOf(name))) found.set(keyOf(name), name)
  return found
}
