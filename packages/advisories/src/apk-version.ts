import { orderOf, type VersionOrder } from './version-order.ts'

/** `1.2.3b_rc1_p2-r4`: numbers, one letter, suffixes, a revision of the packaging (apk-package(5)); `~` and a commit may be before that. */
const versionPattern = /^(\d+(?:\.\d+)*)([a-z])?((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)(?:~([\da-f]+))?(?:-r(\d+))?$/
const suffixes = ['alpha', 'beta', 'pre', 'rc', '', 'cvs', 'svn', 'git', 'hg', 'p']
const longestVersion = 256

interface ApkVersion {
  readonly numbers: readonly string[]
  readonly letter: string
  readonly suffixes: readonly (readonly [rank: number, number: bigint])[]
  /** Of a commit; compared as text, since anything would be arbitrary. */
  readonly commit: string
  readonly revision: bigint
}

function parse(text: string): ApkVersion | undefined {
  const [, numbers, letter = '', suffix = '', commit = '', revision = '0'] = (text.length <= longestVersion && versionPattern.exec(text)) || []
  if (numbers === undefined) return undefined
  return {
    numbers: numbers.split('.'),
    letter,
    suffixes: [...suffix.matchAll(/_([a-z]+)(\d*)/g)].map(([, name = '', number = '']) => [suffixes.indexOf(name), BigInt(number === '' ? 0 : number)]),
    commit,
    revision: BigInt(revision),
  }
}

function compare(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)]
  if (!left || !right) throw new TypeError('what is compared are versions')
  for (let n = 0; n < Math.max(left.numbers.length, right.numbers.length); n += 1) {
    const difference = compareNumbers(left.numbers[n], right.numbers[n], n)
    if (difference !== 0) return difference
  }
  if (left.letter !== right.letter) return left.letter < right.letter ? -1 : 1
  const none = [suffixes.indexOf(''), 0n] as const
  for (let n = 0; n < Math.max(left.suffixes.length, right.suffixes.length); n += 1) {
    const [x, y] = [left.suffixes[n] ?? none, right.suffixes[n] ?? none]
    if (x[0] !== y[0]) return x[0] - y[0]
    if (x[1] !== y[1]) return x[1] < y[1] ? -1 : 1
  }
  if (left.commit !== right.commit) return left.commit < right.commit ? -1 : 1
  return left.revision === right.revision ? 0 : left.revision < right.revision ? -1 : 1
}

/** A number behind a dot that begins with a zero is compared as a fraction is, digit by digit. */
function compareNumbers(a: string | undefined, b: string | undefined, position: number): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1
  if (position > 0 && (a.startsWith('0') || b.startsWith('0'))) return a < b ? -1 : a > b ? 1 : 0
  return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0
}

/** Alpine's. */
export const apkOrder: VersionOrder = orderOf((text) => parse(text) !== undefined, compare)
