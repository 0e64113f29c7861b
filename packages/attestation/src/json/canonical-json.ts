/**
 * The one spelling of a JSON value (RFC 8785) in UTF-8: same value, same bytes, same digest. What JSON cannot say (a number
 * that is none, `undefined` in an array, half a surrogate pair) is a bug of the caller and throws; a field that is `undefined` is not there.
 */
export function canonicalJson(value: object): Uint8Array {
  return new TextEncoder().encode(spell(value))
}

function spell(value: unknown): string {
  if (Array.isArray(value)) return `[${Array.from(value, spell).join(',')}]`
  if (typeof value === 'object' && value !== null) return spellObject(value)
  if (value === null || typeof value === 'boolean' || isNumber(value) || isText(value)) return JSON.stringify(value)
  throw new TypeError(`JSON has no ${typeof value} such as ${String(value)}`)
}

function spellObject(value: object): string {
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  // By UTF-16 code units, which is how `<` compares text (§3.2.3).
  const sorted = fields.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([name, field]) => `${spell(name)}:${spell(field)}`).join(',')}}`
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
const isText = (value: unknown): value is string => typeof value === 'string' && value.isWellFormed()
