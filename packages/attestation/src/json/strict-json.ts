/** What became of reading a document: its value, or why there is none. */
export type StrictJson = { readonly value: unknown } | { readonly problem: 'not-json' | 'duplicate-key'; readonly key?: string }

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * A JSON document that every reader reads alike: well-formed UTF-8 without a byte-order mark, and no object has a key twice.
 * Where one has, RFC 8259 §4 leaves it to each reader which of the two counts, so that what one verifier checked another may never see.
 */
export function readStrictJson(bytes: Uint8Array): StrictJson {
  let text: string
  let value: unknown
  try {
    text = decoder.decode(bytes)
    value = JSON.parse(text)
  } catch {
    return { problem: 'not-json' }
  }
  const key = duplicateKey(text)
  return key === undefined ? { value } : { problem: 'duplicate-key', key }
}

/** A key that an object has twice, of a text that is JSON: a string is a key where a colon follows it. */
function duplicateKey(text: string): string | undefined {
  /** Keys so far of each open object; an array has none. */
  const open: Set<string>[] = []
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '{' || character === '[') open.push(new Set())
    else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const end = endOfString(text, at)
      if (isBeforeColon(text, end)) {
        // Two spellings of one key, such as one with an escape, are one key.
        const key: string = JSON.parse(text.slice(at, end))
        const keys = open.at(-1)
        if (keys?.has(key)) return key
        keys?.add(key)
      }
      at = end - 1
    }
  }
  return undefined
}

/** Where the string that begins at `start` has ended. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') return at + 1
  }
  return text.length
}

function isBeforeColon(text: string, from: number): boolean {
  let at = from
  while (' \t\r\n'.includes(text[at] ?? '#')) at += 1
  return text[at] === ':'
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
