/** Value of a variable; undefined where the file declares it without telling it (`ARG X`), or not at all. */
export type Scope = ReadonlyMap<string, string | undefined>

const reference = /\\\$|\$(?:\{([A-Za-z_]\w*)(?:(:?[-+])([^{}$]*))?\}|([A-Za-z_]\w*))/g
// A value may hold another that holds another: each line can double it.
const longest = 4096

/** Replaces the variables whose value is known, as Docker does in FROM, ENV, WORKDIR, …; the others stay as they are written. */
export function expand(text: string, scope: Scope): string {
  if (!text.includes('$')) return text
  let length = 0
  return text.replace(reference, (written: string, braced: string | undefined, operator: string | undefined, alternative: string | undefined, plain: string | undefined) => {
    const name = braced ?? plain
    if (name === undefined) return written
    const replacement = replace(scope, name, operator, alternative) ?? written
    length += replacement.length
    return length > longest ? written : replacement
  })
}

function replace(scope: Scope, name: string, operator: string | undefined, alternative = ''): string | undefined {
  const value = scope.get(name)
  if (operator?.endsWith('-')) return value === undefined || (operator === ':-' && value === '') ? alternative : value
  if (operator?.endsWith('+')) return scope.has(name) && value !== '' ? alternative : value === undefined ? undefined : ''
  return value
}

/** Without the quotes around it, which Docker takes away from FROM and USER too. */
export const unquoted = (text: string): string => text.replace(/^(["'])(.*)\1$/, '$2')

/** Names of the variables that a text refers to. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(reference)].flatMap(([, braced, , , plain]) => braced ?? plain ?? [])
}
