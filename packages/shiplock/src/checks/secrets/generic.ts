import { entropy, isPlaceholder } from './placeholder.ts'
import type { Hit } from './hit.ts'
import { genericSecret } from './rules/generic-secret.ts'

const names = 'secret|token|passw(?:or)?d|passphrase|api[-_]?key|access[-_]?key|auth[-_]?key|private[-_]?key|encryption[-_]?key|signing[-_]?key|credential'
const keyword = new RegExp(names, 'i')
/** What such a name may go on with and still be the secret itself: not its hash, name, address or file. */
const rest = '(?<rest>[\\w-]{0,30})'
const quoted = new RegExp(`(?:${names})${rest}["'\`]?\\]?\\s{0,4}(?:=>|:=|[:=])\\s{0,4}(?<quote>["'\`])(?<secret>[^\\s"'\`]{16,200})\\k<quote>`, 'gi')
const unquoted = new RegExp(`^[ \\t]{0,40}(?:-[ \\t]|export[ \\t])?[\\w.-]{0,60}(?:${names})${rest}[ \\t]{0,4}[:=][ \\t]{0,4}(?<secret>[^\\s"'\`#]{16,200})[ \\t]{0,40}\\r?$`, 'gim')
const about = /(?:hash|digest|name|id|url|uri|path|file|field|label|type|regex|pattern|header|length|prefix|sha\d*|checksum|integrity|version|kind|key_?ref|placeholder|arn|fingerprint|public)$/i

const settings = /(?:^|\/)(?:\.env[\w.-]*|[\w.-]+\.(?:env|ini|cfg|conf|properties|ya?ml|toml|tfvars))$/i
const documentation = /\.(?:md|mdx|rst|adoc|html?)$|\.min\.\w+$|\.map$/i

/** A literal that looks random, assigned to a name that says secret. */
export function findGeneric(path: string, text: string, isTest: boolean): Hit[] {
  return isTest || documentation.test(path) ? [] : assignedSecrets(text, settings.test(path))
}

/** The same of any text; `isSettings` where values need no quotes. */
export function assignedSecrets(text: string, isSettings: boolean): Hit[] {
  if (!keyword.test(text)) return []
  const hits: Hit[] = []
  for (const pattern of isSettings ? [quoted, unquoted] : [quoted]) {
    for (const match of text.matchAll(pattern)) {
      const { secret = '', rest: after = '' } = match.groups ?? {}
      if (about.test(after) || !looksRandom(secret)) continue
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
  if (/^(?:sha\d+|md5)-|^[\da-f]{8}-[\da-f]{4}-|^\/|^\.{1,2}\/|^[a-z]+:\/\//i.test(value)) return false
  const longest = value.split(/[-_./:=]/).toSorted((a, b) => b.length - a.length)[0] ?? ''
  const digits = longest.match(/\d/g)?.length ?? 0
  if (longest.length < 12 || digits < 2 || digits === longest.length) return false
  return entropy(value) >= (/^[\da-f]+$/i.test(value) ? 3 : 3.5)
}
