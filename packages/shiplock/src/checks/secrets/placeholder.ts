/** Bits a character (Shannon). */
export function entropy(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

// The last one is the key of Azure's storage emulator, which everybody has.
const words = /example|sample|dummy|change[-_]?me|placeholder|your[-_]|x{4,}|\*{3,}|\.{3}|…|redacted|fake|insert[-_]|replace[-_]|not[-_]?a[-_]?(?:real|secret)|\$\{|\$\(|\{\{|<[a-z]|%[A-Za-z]\w*%|^\$[A-Z_a-z]|process\.env|import\.meta|os\.environ|(.)\1{6,}|0123456789|1234567890|abcdefgh|Eby8vdM02xNOcqF/i

/** What people write where a secret will be. */
export const isPlaceholder = (secret: string): boolean => words.test(secret)

/** Too regular to have been made at random. */
export const isRegular = (secret: string): boolean => entropy(secret) < 2.8

const plainPasswords = new Set(['pass', 'password', 'passwd', 'secret', 'postgres', 'mysql', 'root', 'admin', 'guest', 'test', 'user', 'username', 'pwd', 'token', 'mypassword', 'hunter2', 'x-oauth-basic'])

const localHost = /^(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[?::1\]?|host\.docker\.internal|[a-z0-9_-]+|.*\.(?:local|test|invalid|localhost)|(?:.*\.)?(?:example|host|domain|server|proxy|foo|bar)\.[a-z]{2,5})$/i

/** Every pattern of these: what they are put to comes from the text. */
export const harmlessPatterns: readonly RegExp[] = [words, localHost]

/** A password that opens nothing: a common word, a variable, or one for a host of nobody's. */
export function isHarmlessUrl(password: string, host: string): boolean {
  return plainPasswords.has(password.toLowerCase()) || /^[$%{[(]|[{}]|^[A-Z_]+$/.test(password) || /[${}]/.test(host) || localHost.test(host)
}

/** Signed by somebody, and not the token that every documentation shows. */
export function isRealJwt(token: string): boolean {
  const [header = '', payload = ''] = token.split('.')
  return typeof decode(header)?.['alg'] === 'string' && decode(payload) !== undefined && decode(payload)?.['sub'] !== '1234567890'
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    // Looks like a token and is none.
    return undefined
  }
}
