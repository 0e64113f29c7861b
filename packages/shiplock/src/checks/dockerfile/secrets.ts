// The end of a name says what it holds: DB_PASSWORD is one, PASSWORD_FILE and TOKEN_URL are not.
const secretName = /(?:^|[_-])(?:PASSWORD|PASSWD|PASSWORT|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|API_?KEY|ACCESS_KEY|SECRET_KEY(?:_BASE)?|PRIVATE_KEY|ENCRYPTION_KEY|SIGNING_KEY|AUTH_KEY|MASTER_KEY|AUTHTOKEN)\d*$|(?:^|_)(?:DB|DATABASE|MYSQL|POSTGRES|PG|REDIS|ROOT|ADMIN|USER|SMTP|FTP)_?PWD$|(?:^|_)(?:PASS|PGPASSWORD)$/i
const publicName = /PUBLIC|PUBLISHABLE|ANON_KEY|^(?:VITE|REACT_APP|GATSBY|EXPO_PUBLIC|NG)_|ALLOW_EMPTY|DISABLE|ENABLE|^(?:TOKEN|SECRET)_?TYPE/i
const placeholder = /^(?:|true|false|yes|no|on|off|none|null|nil|undefined|dummy.*|fake.*|placeholder.*|example.*|sample.*|change[-_ ]?(?:me|it|this).*|replace[-_ ]?(?:me|this|with).*|your[-_ ].*|not[-_ ]?(?:a|so|used|needed|set|real).*|insert.*|todo|tbd|test|testing|build|builder|temp|tmp|unused|ignored?|x+|\*+|\.+|-+|0|1|<.*>|\[.*\]|\{.*\}|%.*%)$/i
const shapes = /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{60,}|glpat-[\w-]{20,}|npm_[A-Za-z0-9]{36}|AKIA[0-9A-Z]{16}|AIza[\w-]{35}|xox[abprs]-[\w-]{10,}|sk_live_[A-Za-z0-9]{20,}|SG\.[\w-]{22}\.[\w-]{43}|dckr_pat_[\w-]{20,})|-----BEGIN [A-Z ]{0,30}PRIVATE KEY/
const credentialsInUrl = /\b[a-z][a-z0-9+.-]{1,20}:\/\/([^\s/:@'"$]{0,200}):([^\s/@'"$]{1,200})@/i

export const isSecretName = (name: string) => secretName.test(name) && !publicName.test(name)

/** A value that stands in the file itself: no variable, no path, no stand-in. */
export function isLiteralSecret(value: string): boolean {
  const bare = value.trim()
  return !placeholder.test(bare) && !bare.includes('$') && !/^(?:\.{0,2}\/|[a-z]+:\/\/|file:|\/)/i.test(bare)
}

/** A value that is a secret by its shape: a token of a known service or a private key. */
export const findToken = (value: string): { readonly start: number; readonly end: number } | undefined => place(shapes.exec(value))

/** The password in `scheme://user:password@host`, where it is written out. */
export function findUrlPassword(value: string): { readonly start: number; readonly end: number } | undefined {
  const found = credentialsInUrl.exec(value)
  const password = found?.[2]
  if (!found || password === undefined || placeholder.test(password) || password.startsWith('<') || /^(?:pass(?:word)?|pwd|secret|token)$/i.test(password)) return undefined
  const start = found.index + found[0].length - 1 - password.length
  return { start, end: start + password.length }
}

const place = (found: RegExpExecArray | null) => (found ? { start: found.index, end: found.index + found[0].length } : undefined)
