/**
 * A key that an object of a JSON text has twice, comments allowed. Which of the two counts is up to each reader (RFC 8259
 * §4), and a person who reviews a lock file sees the first. Of a text that is no JSON anything may be said.
 */
export function duplicateKeyOfJson(text: string): string | undefined {
  /** Keys so far of each open object; undefined for an array. */
  const open: (Set<string> | undefined)[] = []
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '{':
        open.push(new Set())
        break
      case '[':
        open.push(undefined)
        break
      case '}':
      case ']':
        open.pop()
        break
      case '/':
        at = text[at + 1] === '*' ? after(text, '*/', at + 2) : after(text, '\n', at)
        break
      case '"': {
        const from = at + 1
        let isEscaped = false
        for (at = from; at < text.length && text[at] !== '"'; at += 1) {
          if (text[at] !== '\\') continue
          isEscaped = true
          at += 1
        }
        const keys = open.at(-1)
        if (!keys || !isFollowedByColon(text, at + 1)) break
        const key = isEscaped ? unescaped(text.slice(from - 1, at + 1)) : text.slice(from, at)
        if (keys.has(key)) return key
        keys.add(key)
        break
      }
    }
  }
  return undefined
}

/** The same for what package managers write as YAML: of the keys of a document, and of those one step in. */
export function duplicateKeyOfYaml(text: string): string | undefined {
  let outer = new Set<string>()
  let inner = new Set<string>()
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('---')) outer = new Set()
    const isInner = line.startsWith('  ')
    const from = isInner ? 2 : 0
    const colon = line.endsWith(':') ? line.length - 1 : line.indexOf(': ')
    if (colon <= from || ' #-'.includes(line[from] ?? '#')) continue
    if (!isInner) inner = new Set()
    const keys = isInner ? inner : outer
    // Yarn writes everything that was asked for into one key.
    for (const quoted of line.slice(from, colon).split(/,\s*/)) {
      const key = quoted.replace(/^(["'])(.*)\1$/, '$2')
      if (keys.has(key)) return key
      keys.add(key)
    }
  }
  return undefined
}

function after(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from)
  return at < 0 ? text.length : at + end.length - 1
}

function isFollowedByColon(text: string, from: number): boolean {
  let at = from
  while (at < text.length && ' \t\r\n'.includes(text[at] ?? '')) at += 1
  return text[at] === ':'
}

function unescaped(literal: string): string {
  try {
    return String(JSON.parse(literal))
  } catch {
    // No JSON, which its reader says.
    return literal
  }
}
