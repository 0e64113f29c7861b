const secretName = /(?:^|[_-])(?:passw(?:or)?d|pass|passphrase|secret|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?token|access[_-]?token|token|credentials?|pwd)(?:$|[_-]?(?:base64|b64|value|key|string)$)/i
/** Names about a secret that are none: `secret_name`, `token_url`, `password_length`. */
const notSecret = /(?:^|[_-])(?:public|enable[ds]?|use|has|is|create|generate|require|rotate|disable[ds]?|min|max|num)[_-]/i

/** Whether a variable of that name holds a secret. */
export const isSecretName = (name: string): boolean => secretName.test(name) && !notSecret.test(name)

/** Text that is no secret: nothing, a name to be replaced, where the secret is, a reference to Secret Manager. */
export const isPlaceholder = (text: string): boolean =>
  text.length < 4 ||
  /^(?:true|false|null|none|default|changeme|change[-_]me|replace[-_]?me|todo|(?:dummy|fake|example|placeholder)(?:[-_ ].*)?|test|x{3,}|\*{3,})$/i.test(text) ||
  /^<.*>$|^\[.*\]$|^\$|^your[-_ ]|^projects\/|^sm:\/\/|^secret:\/\/|^berglas:|^gcp-secret|^https?:\/\/|^\/|\.json$|^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/s.test(text)
