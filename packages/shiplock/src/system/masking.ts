/**
 * Masks secrets in everything that leaves a stage: for events, cache, logs, reports alike. The values are those of the
 * environment variables whose names say that they are secret, what the run itself adds, and passwords in URLs.
 */
export interface Mask {
  readonly add: (secret: string) => void
  readonly text: (text: string) => string
  /** A copy in which every string is masked. Only for values that survive JSON. */
  readonly value: <T>(value: T) => T
}

const secretName = /(?:token|secret|passw(?:or)?d|passphrase|credential|api_?key|private_?key|auth)/i

/** Shorter values would mask ordinary words. */
const shortest = 8

export function createMask(environment: Readonly<Record<string, string | undefined>>): Mask {
  const secrets = new Set<string>()
  const add = (secret: string) => {
    for (const part of secret.split(/\r?\n/)) if (part.trim().length >= shortest) secrets.add(part.trim())
  }
  for (const [name, value] of Object.entries(environment)) {
    // A path names where a secret is (NPM_TOKEN_FILE, SSH_AUTH_SOCK); it is none itself.
    if (value !== undefined && secretName.test(name) && !value.startsWith('/')) add(value)
  }
  const text = (input: string) => {
    let output = input.replace(/(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]{0,255}):[^\s/@]{1,255}@/gi, '$1:***@')
    for (const secret of secrets) output = output.replaceAll(secret, '***')
    return output
  }
  const value = <T>(input: T): T => {
    if (typeof input === 'string') return text(input) as T
    if (Array.isArray(input)) return input.map(value) as T
    if (input !== null && typeof input === 'object') return Object.fromEntries(Object.entries(input).map(([key, item]) => [key, value(item)])) as T
    return input
  }
  return { add, text, value }
}
