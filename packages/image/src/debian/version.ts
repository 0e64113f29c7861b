/** deb-version(7): `[epoch:]upstream[-revision]`, of the characters that the policy allows. */
const versionPattern = /^(?:(?<epoch>\d{1,9}):)?(?<upstream>\d[A-Za-z0-9.+~:-]*?)(?:-(?<revision>[A-Za-z0-9.+~]+))?(?<!-)$/
const longestVersion = 256

export function isDebianVersion(text: string): boolean {
  return text.length <= longestVersion && partsOf(text) !== undefined
}

/**
 * The order of two versions as dpkg has it (deb-version(7), "Sorting algorithm"): negative where `a` is older, 0 where they
 * are equal, also where they are spelled otherwise (`1.0` and `0:1.0-0`). Both must be versions.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [mustParse(a), mustParse(b)]
  return left.epoch - right.epoch || compareParts(left.upstream, right.upstream) || compareParts(left.revision, right.revision)
}

interface VersionParts {
  readonly epoch: number
  readonly upstream: string
  readonly revision: string
}

function partsOf(text: string): VersionParts | undefined {
  const groups = versionPattern.exec(text)?.groups
  if (groups === undefined) return undefined
  const { epoch, upstream = '', revision = '' } = groups
  // A colon in the upstream version is only told from the one behind an epoch where there is an epoch.
  if (epoch === undefined && upstream.includes(':')) return undefined
  return { epoch: Number(epoch ?? 0), upstream, revision }
}

function mustParse(text: string): VersionParts {
  const parts = partsOf(text)
  if (parts === undefined) throw new TypeError(`${JSON.stringify(text)} is no Debian version`)
  return parts
}

/** Pieces of non-digits and of digits by turns, the former by `weight`, the latter as numbers of any length. */
function compareParts(a: string, b: string): number {
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    while (isOther(a, i) || isOther(b, j)) {
      const difference = weight(a, i) - weight(b, j)
      if (difference !== 0) return difference
      i++
      j++
    }
    const [left, right] = [digitsAt(a, i), digitsAt(b, j)]
    const difference = compareNumbers(left, right)
    if (difference !== 0) return difference
    i += left.length
    j += right.length
  }
  return 0
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9'
}

function isOther(text: string, at: number): boolean {
  return at < text.length && !isDigit(text[at]!)
}

/** A tilde is before the end, the end (and a digit) before letters, and those before all else. */
function weight(text: string, at: number): number {
  const character = text[at]
  if (character === undefined || isDigit(character)) return 0
  if (character === '~') return -1
  const code = character.charCodeAt(0)
  return /[A-Za-z]/.test(character) ? code : code + 256
}

function digitsAt(text: string, at: number): string {
  let end = at
  while (end < text.length && isDigit(text[end]!)) end++
  return text.slice(at, end)
}

function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')]
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0)
}
