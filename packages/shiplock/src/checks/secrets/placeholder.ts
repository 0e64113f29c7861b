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

/** No part of a token: what stands for one that something else puts in, and what AWS and Azure print in every manual. */
const notLiteral = /\.{3}|…|\*{3}|\$\{|\$\(|\{\{|<[a-z]|%[A-Za-z]\w*%|^\$[A-Z_a-z]|process\.env|import\.meta|os\.environ|EXAMPLE(?:KEY)?$|Eby8vdM02xNOcqF/

/** Words of people: what placeholders have of them, capitalised ones, and those between dashes. */
const spoken = /example|sample|dummy|change[-_]?me|placeholder|redacted|fake|insert|replace|secret|token|test|your|[A-Z][a-z]{2,20}|(?<![A-Za-z0-9])[a-z]{2,20}(?![A-Za-z0-9])|[Xx]{4,}/g

/**
 * Whether a token of a known kind was written by hand. One placeholder's word in it is not enough: a service may have drawn
 * it. What is left without words and without rows such as `abcd` and `1111` must be less than a third, or too regular.
 */
export function isMadeUp(secret: string): boolean {
  if (!isPlaceholder(secret)) return false
  if (notLiteral.test(secret)) return true
  const rest = withoutRows(secret).replace(spoken, '')
  return rest.length < secret.length / 3 || isRegular(rest)
}

/** Without four or more characters that are one another's successor, or the same; `a` and `A` are the same here. */
function withoutRows(text: string): string {
  const lower = text.toLowerCase()
  let kept = ''
  for (let at = 0; at < text.length; ) {
    let end = at + 1
    const step = lower.charCodeAt(end) - lower.charCodeAt(at)
    while (end < text.length && (step === 0 || step === 1) && lower.charCodeAt(end) - lower.charCodeAt(end - 1) === step) end++
    if (end - at < 4) end = at + 1
    else at = end
    kept += text.slice(at, end)
    at = end
  }
  return kept
}

/** Too regular to have been made at random. */
export const isRegular = (secret: string): boolean => entropy(secret) < 2.8

const plainPasswords = new Set(['pass', 'password', 'passwd', 'secret', 'postgres', 'mysql', 'root', 'admin', 'guest', 'test', 'user', 'username', 'pwd', 'token', 'mypassword', 'hunter2', 'x-oauth-basic'])

const localHost = /^(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[?::1\]?|host\.docker\.internal|[a-z0-9_-]+|.*\.(?:local|test|invalid|localhost)|(?:.*\.)?(?:example|host|domain|server|proxy|foo|bar)\.[a-z]{2,5})$/i

/** Every pattern of these: what they are put to comes from the text. */
export const harmlessPatterns: readonly RegExp[] = [words, localHost, notLiteral, spoken]

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
