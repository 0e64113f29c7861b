/**
 * A Content-Security-Policy, as CSP Level 3 reads it. Several policies of a page all hold: what one of them forbids is
 * forbidden, so that a page is judged by the strictest.
 */
export interface Policy {
  readonly directives: ReadonlyMap<string, readonly string[]>
  /** What browsers drop or read otherwise than it looks. */
  readonly problems: readonly string[]
}

/** Each header or `<meta>` may hold several policies, separated by commas. */
export function parsePolicies(headers: readonly string[], metas: readonly string[]): Policy[] {
  const ofHeaders = headers.flatMap((value) => value.split(',')).map((text) => parsePolicy(text, new Set()))
  return [...ofHeaders, ...metas.map((text) => parsePolicy(text, headerOnly))].filter(
    ({ directives, problems }) => directives.size > 0 || problems.length > 0,
  )
}

/** Ignored in a `<meta>` (HTML, "Content-Security-Policy state"). */
const headerOnly = new Set(['frame-ancestors', 'report-uri', 'sandbox'])
/** A keyword that lacks its quotes is the name of a host. */
const bareKeyword = /^(?:self|none|unsafe-inline|unsafe-eval|unsafe-hashes|strict-dynamic|wasm-unsafe-eval|report-sample|nonce-.+|sha(?:256|384|512)-.+)$/

function parsePolicy(text: string, ignored: ReadonlySet<string>): Policy {
  const directives = new Map<string, string[]>()
  const problems: string[] = []
  for (const part of text.split(';')) {
    const [name = '', ...sources] = part.trim().split(/[\t\n\f\r ]+/).map((word) => word.toLowerCase())
    if (name === '' || ignored.has(name)) continue
    if (!/^[a-z0-9-]+$/.test(name)) problems.push(`${JSON.stringify(name)} is no directive`)
    else if (directives.has(name)) {
      if (!name.startsWith('report-')) problems.push(`${name} is there twice, and the second is ignored`)
    } else directives.set(name, sources)
    for (const source of sources) if (bareKeyword.test(source)) problems.push(`${name} has ${source} without quotes, which is the name of a host`)
  }
  const scripts = listOf({ directives }, 'script-src')
  if (scripts?.includes("'strict-dynamic'") && !scripts.some(isNonceOrHash))
    problems.push("'strict-dynamic' without a nonce or hash lets no script run")
  return { directives, problems }
}

/** The sources of a fetch directive or of what it falls back to; undefined where everything is allowed. */
function listOf({ directives }: Pick<Policy, 'directives'>, ...names: readonly string[]): readonly string[] | undefined {
  for (const name of [...names, 'default-src']) if (directives.has(name)) return directives.get(name)
  return undefined
}

const isNonceOrHash = (source: string) => /^'(?:nonce|sha256|sha384|sha512)-/.test(source)
/** Whole schemes and every host: what an attacker can serve from. */
const isBroad = (source: string) => /^(?:\*|(?:https?|ftp|wss?):|(?:(?:https?|ftp):)?\/\/\*(?:\.\*)?(?::\*)?(?:\/\*?)?)$/.test(source)

/** Which sources let scripts of others, or injected ones, run; undefined where none do. */
export function whyScriptsAreUnrestricted(policy: Policy): string | undefined {
  const elements = listOf(policy, 'script-src-elem', 'script-src')
  if (!elements) return 'neither script-src nor default-src is set'
  const isTrusted = elements.some(isNonceOrHash)
  const isDynamic = isTrusted && elements.includes("'strict-dynamic'")
  // With a nonce or hash browsers ignore 'unsafe-inline', with 'strict-dynamic' also hosts and schemes.
  const unsafe = elements.find(
    (source) => (source === "'unsafe-inline'" && !isTrusted) || (!isDynamic && (isBroad(source) || source === 'data:')),
  )
  if (unsafe !== undefined) return `scripts may come from ${unsafe}`
  const attributes = listOf(policy, 'script-src-attr', 'script-src') ?? []
  if (attributes.includes("'unsafe-inline'") && !attributes.some(isNonceOrHash)) return "attributes may hold scripts: 'unsafe-inline'"
  const objects = listOf(policy, 'object-src')
  if (!objects) return 'neither object-src nor default-src is set'
  const plugin = objects.find(isBroad)
  return plugin === undefined ? undefined : `plugins may come from ${plugin}`
}

export const allowsEval = (policy: Policy): boolean =>
  [listOf(policy, 'script-src'), listOf(policy, 'style-src')].some((list) => list?.includes("'unsafe-eval'"))

/** Sources without TLS, where they load something that can act (`active`) or can only be looked at. */
export function insecureSources({ directives }: Policy): { readonly active: readonly string[]; readonly passive: readonly string[] } {
  const of = (isWanted: (name: string) => boolean) =>
    [...directives].flatMap(([name, sources]) => (isWanted(name) && !name.startsWith('report-') ? sources.filter((source) => /^(?:http|ftp|ws):/.test(source)) : []))
  return { active: of((name) => !passive.has(name)), passive: of((name) => passive.has(name)) }
}

const passive = new Set(['img-src', 'media-src'])

export function forbidsFraming({ directives }: Policy): boolean {
  const ancestors = directives.get('frame-ancestors')
  return ancestors !== undefined && !ancestors.some(isBroad)
}
