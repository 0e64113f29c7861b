/** What a registry wants to be shown (RFC 9110, section 11.6.1). */
export interface Challenge {
  /** In lower case: `basic`, `bearer`. */
  readonly scheme: string
  /** By name in lower case. */
  readonly parameters: ReadonlyMap<string, string>
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const quoted = '"(?:[^"\\\\]|\\\\.)*"'
const parameterPattern = new RegExp(`(${token})[ \\t]*=[ \\t]*(${token}|${quoted})(?=[ \\t]*(?:,|$))`, 'y')
const schemePattern = new RegExp(`(${token})(?:[ \\t]+|(?=[ \\t]*(?:,|$)))`, 'y')
const separatorPattern = /[ \t,]*/y

/** Every challenge in a WWW-Authenticate header, which may hold several. What follows something malformed is left out. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { readonly scheme: string; readonly parameters: Map<string, string> }[] = []
  let at = 0
  const read = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const match = pattern.exec(header)
    if (match !== null) at = pattern.lastIndex
    return match
  }
  while (at < header.length) {
    read(separatorPattern)
    const parameter = challenges.length === 0 ? null : read(parameterPattern)
    if (parameter !== null) {
      const [, name, value] = parameter
      challenges.at(-1)!.parameters.set(name!.toLowerCase(), unquote(value!))
      continue
    }
    const scheme = read(schemePattern)
    if (scheme === null) break
    challenges.push({ scheme: scheme[1]!.toLowerCase(), parameters: new Map() })
  }
  return challenges
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value
}
