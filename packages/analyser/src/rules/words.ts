/** `resetPasswordToken` → reset, password, token. */
export const wordsOf = (name: string): string[] => name.replace(/([a-z\d])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3 $2').toLowerCase().split(/[^a-z\d]+/).filter(Boolean)

const secretWords = new Set(['password', 'passwords', 'passwd', 'pwd', 'passphrase', 'passcode', 'secret', 'secrets', 'credential', 'credentials', 'apikey', 'authtoken', 'accesstoken', 'privatekey', 'secretkey'])
const secretPairs = new Set(['api key', 'private key', 'secret key', 'access key', 'auth token', 'access token', 'refresh token', 'id token', 'session token', 'bearer token', 'reset token', 'auth key', 'encryption key', 'signing key', 'client secret', 'master key'])
/** What is about a secret rather than the secret: `passwordField`, `hasToken`, `secretName`. */
const about = new Set(['field', 'input', 'name', 'label', 'length', 'file', 'path', 'dir', 'url', 'uri', 'is', 'has', 'no', 'show', 'hide', 'reset', 'forgot', 'forgotten', 'change', 'changed', 'update', 'updated', 'error', 'errors', 'message', 'type', 'types', 'id', 'ids', 'strength', 'policy', 'rule', 'rules', 'count', 'min', 'max', 'valid', 'invalid', 'validate', 'check', 'verify', 'verified', 'compare', 'match', 'matches', 'missing', 'required', 'expires', 'expiry', 'expiration', 'expired', 'ttl', 'placeholder', 'prompt', 'schema', 'option', 'options', 'enabled', 'disabled', 'regex', 'pattern', 'hint', 'hash', 'hashed', 'encrypted', 'masked', 'use', 'using', 'with', 'without', 'manager', 'service', 'provider', 'store', 'ref', 'ok', 'exists', 'present', 'login', 'mode', 'version', 'index', 'size', 'status', 'state', 'request', 'page', 'form', 'dialog', 'button', 'element', 'el', 'visible', 'set', 'on', 'email', 'key_name', 'names', 'title', 'text', 'code', 'handler', 'callback', 'less'])

/** Whether a value of that name is a secret itself. */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name)
  if (words.some((word) => about.has(word) && !(word === 'id' && words.includes('token')))) return false
  return words.some((word, index) => secretWords.has(word) || secretPairs.has(`${word} ${words[index + 1] ?? ''}`))
}

export const isPasswordName = (name: string): boolean => wordsOf(name).some((word) => ['password', 'passwd', 'pwd', 'passphrase', 'passwords'].includes(word)) && !/(?:hash|encrypted)/i.test(name)

/** Words of what somebody must not be able to guess. */
const unguessable = new Set(['token', 'secret', 'password', 'passwd', 'pwd', 'passphrase', 'passcode', 'nonce', 'salt', 'otp', 'csrf', 'xsrf', 'apikey', 'credential', 'credentials', 'captcha', 'jwt', 'sid', 'sessionid', 'sess', 'session'])
const unguessablePairs = new Set(['api key', 'private key', 'secret key', 'encryption key', 'session id', 'auth code', 'verification code', 'reset code', 'confirmation code', 'invite code', 'activation code', 'session key', 'access key', 'recovery code', 'one time', 'initialization vector', 'auth key', 'pin code', 'code verifier'])
const harmlessNeighbours = new Set(['length', 'count', 'index', 'color', 'colour', 'delay', 'timeout', 'interval', 'expiry', 'expires', 'ttl', 'mock', 'fake', 'dummy', 'sample', 'test', 'position', 'name', 'cancel'])

export function isUnguessableName(name: string): boolean {
  const words = wordsOf(name)
  return !words.some((word) => harmlessNeighbours.has(word)) && words.some((word, index) => unguessable.has(word) || unguessablePairs.has(`${word} ${words[index + 1] ?? ''}`))
}
