import type { Command } from '../command.ts'
import type { Examine } from '../rule.ts'

const off = /^["']?(?:false|0|no|off|disabled?)["']?$/i
const on = /^["']?(?:true|1|yes|on)["']?$/i

export const tlsVerificationOff: Examine = function* ({ instructions, commands }) {
  for (const { keyword, properties } of instructions) {
    if (keyword !== 'ENV' && keyword !== 'ARG') continue
    for (const { name, resolved, span } of properties) if (resolved !== undefined && isOff(name, resolved)) yield { message: `${name}=${resolved}: whoever answers is believed`, at: span }
  }
  for (const command of commands) {
    const what = settingOf(command)
    if (what !== undefined) yield { message: `${what}: whoever answers is believed`, at: command.span }
  }
}

function isOff(name: string, value: string): boolean {
  if (/^(?:NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY|(?:NPM|YARN|PNPM)_CONFIG_STRICT_SSL|YARN_ENABLE_STRICT_SSL)$/i.test(name)) return off.test(value)
  if (/^(?:GIT_SSL_NO_VERIFY|YARN_UNSAFE_DISABLE_TLS)$/i.test(name)) return on.test(value)
  return /^PIP_TRUSTED_HOST$/i.test(name) && value.trim() !== ''
}

function settingOf({ name, arguments: words, assignments }: Command): string | undefined {
  const texts = words.map(({ text }) => text)
  const line = texts.join(' ')
  for (const text of name === 'export' ? texts : assignments.map(({ text }) => text)) if (isOff(text.split('=', 1)[0] ?? '', text.slice(text.indexOf('=') + 1))) return text
  if (/^(?:npm|yarn|pnpm)$/.test(name)) return /(?:^|\s)(?:--)?strict-ssl[= ](?:false|0)\b|--no-strict-ssl\b/.exec(line) || /\bset enableStrictSsl false\b/.exec(line) ? `${name} without strict-ssl` : undefined
  if (name === 'git') return /\bhttp\.(?:\S+\.)?sslverify[= ]"?(?:false|0|no|off)\b/i.test(line) ? 'git without http.sslVerify' : undefined
  if (/^(?:pip\d*(?:\.\d+)?|pipenv|uv|python\d*(?:\.\d+)?)$/.test(name)) return texts.find((text) => /^--(?:trusted-host|allow-insecure-host)(?:=|$)/.test(text)) === undefined ? undefined : `${name} with a trusted host`
  if (/^apt(?:-get)?$/.test(name)) return /Acquire::https(?:::\S*)?::Verify-(?:Peer|Host)=(?:"?false|0|no)/i.test(line) ? `${name} without Verify-Peer` : undefined
  if (name === 'conda') return /\bssl_verify (?:false|no)\b/i.test(line) ? 'conda without ssl_verify' : undefined
  if (name === 'composer') return /\bdisable-tls (?:true|1)\b/.test(line) ? 'composer without TLS' : undefined
  return undefined
}
