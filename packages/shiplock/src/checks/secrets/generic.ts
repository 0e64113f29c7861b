import { entropy, isPlaceholder } from './placeholder.ts'
import type { Hit } from './hit.ts'
import { genericSecret } from './rules/generic-secret.ts'

const names = 'secret|token|passw(?:or)?d|passphrase|api[-_]?key|access[-_]?key|auth[-_]?key|private[-_]?key|encryption[-_]?key|signing[-_]?key|credential'
/** What each of these names holds; a text without any is not looked through. */
export const assignedNames: readonly string[] = ['secret', 'token', 'passw', 'passphrase', 'credential', 'key', 'bearer', 'basic']
/** What such a name may go on with and still be the secret itself: not its hash, name, address or file. */
const rest = '(?<rest>[\\w-]{0,30})'
const value = `[^\\s"'\`]{16,200}`
const quoted = new RegExp(`(?<name>${names})${rest}["'\`]?\\]?\\s{0,4}(?:=>|:=|[:=])\\s{0,4}(?<quote>["'\`])(?<secret>${value})\\k<quote>`, 'gi')
const unquoted = new RegExp(`^[ \\t]{0,40}(?:-[ \\t]|export[ \\t])?[\\w.-]{0,60}(?<name>${names})${rest}[ \\t]{0,4}[:=][ \\t]{0,4}(?<secret>${value})[ \\t]{0,40}(?:#.{0,200})?\\r?$`, 'gim')
/** `name: X` and `value: Y`, as Kubernetes, ECS and Terraform write environments. */
const named = new RegExp(`\\bname["']?\\s{0,4}[:=]\\s{0,4}["']?[\\w.-]{0,60}(?<name>${names})${rest}["']?,?\\s{1,80}["']?value["']?\\s{0,4}[:=]\\s{0,4}(?<quote>["']?)(?<secret>${value})\\k<quote>(?=[\\s,}]|$)`, 'gi')
/** In the query of an address. */
const inQuery = new RegExp(`[?&][\\w.-]{0,30}(?<name>${names}|sig|signature)(?<rest>)=(?<secret>[^\\s"'\`&#<>]{16,200})`, 'gi')
/** In a header. */
const inHeader = /\b(?<name>Bearer|Basic|Token)(?<rest>)[ \t]{1,4}(?<secret>[A-Za-z0-9+/_.~-]{20,400}={0,2})(?![A-Za-z0-9+/_.~-])/g
/** Every pattern that a text of any length is put to. */
export const assignmentPatterns: readonly RegExp[] = [quoted, unquoted, named, inQuery, inHeader]
const about = /(?:hash|digest|name|id|url|uri|path|file|field|label|type|regex|pattern|header|length|prefix|sha\d*|checksum|integrity|version|kind|key_?ref|placeholder|arn|fingerprint|public)$/i
/** Tokens that say where one was, or tell requests apart: they open nothing. */
const place = /(?:next|continuation|page|pagination|request|idempotency|cursor|sync|resume|csrf|xsrf)[-_]?$/i

const settings = /(?:^|\/)(?:\.env[\w.-]*|[\w.-]+\.(?:env|ini|cfg|conf|properties|ya?ml|toml|tfvars))$/i
const documentation = /\.(?:md|mdx|rst|adoc|html?)$|\.min\.\w+$|\.map$/i

/** A literal that looks random, assigned to a name that says secret, or handed over as such. */
export function findGeneric(path: string, text: string, { markers, isTest }: { readonly markers: ReadonlySet<string>; readonly isTest: boolean }): Hit[] {
  return isTest || documentation.test(path) ? [] : assignedSecrets(text, markers, settings.test(path))
}

/** The same of any text; `isSettings` where values need no quotes. */
export function assignedSecrets(text: string, markers: ReadonlySet<string>, isSettings: boolean): Hit[] {
  if (!assignedNames.some((name) => markers.has(name))) return []
  const hits: Hit[] = []
  for (const pattern of isSettings ? [quoted, unquoted, named, inQuery, inHeader] : [quoted, named, inQuery, inHeader]) {
    for (const match of text.matchAll(pattern)) {
      const { secret = '', rest: after = '', name = '' } = match.groups ?? {}
      if (about.test(after) || !looksRandom(secret)) continue
      if (/^token$/i.test(name) && place.test(text.slice(0, match.index + match[0].indexOf(name)).slice(-24))) continue
      const start = match.index + match[0].lastIndexOf(secret)
      hits.push({ rule: genericSecret, what: 'a value that looks random, assigned to the name of a secret', start, end: start + secret.length, shown: 0, secret })
    }
  }
  return hits
}

/**
 * Letters and digits mixed within one word, with the entropy of a random text. Words joined by dashes, UUIDs, paths,
 * hashes with their algorithm in front and expressions are none.
 */
export function looksRandom(value: string): boolean {
  if (!/^[\w+/=.~!@#$%^&*?-]+$/.test(value) || isPlaceholder(value)) return false
  // A person made it up.
  if (/password|passphrase|secret/i.test(value)) return false
  if (/^(?:sha\d+|md5)-|^[\da-f]{8}-[\da-f]{4}-|^\/|^\.{1,2}\/|^[a-z]+:\/\//i.test(value)) return false
  const longest = value.split(/[-_./:=]/).toSorted((a, b) => b.length - a.length)[0] ?? ''
  const digits = longest.match(/\d/g)?.length ?? 0
  if (longest.length < 12 || digits < 2 || digits === longest.length) return false
  return entropy(value) >= (/^[\da-f]+$/i.test(value) ? 3 : 3.5)
}
