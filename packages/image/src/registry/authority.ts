import { ImageError, quote } from '../error.ts'
import { now, type HttpAnswer, type HttpRequest } from '../node/http.ts'
import { isRecord } from '../oci/json.ts'
import { failureOf, readSmallAnswer } from './answer.ts'
import { parseChallenges, type Challenge } from './challenge.ts'
import type { Credentials, CredentialSource } from './credentials.ts'

/** Proves to one registry who asks, as it wants it: Basic, or a token from the server that it names (distribution, "Token Authentication"). */
export interface Authority {
  /** The header for a request that needs these scopes; `undefined` where none is known to be needed. */
  readonly header: (scopes: readonly string[]) => string | undefined
  /** Does what the refusal of a request that showed `shown` asks for. False where there is nothing more to show. */
  readonly answer: (refusal: Refusal) => Promise<boolean>
  /** Text from outside without any secret that was used. */
  readonly mask: (text: string) => string
}

export interface Refusal {
  /** The header WWW-Authenticate. */
  readonly challenge: string
  readonly scopes: readonly string[]
  readonly shown: string | undefined
  readonly signal: AbortSignal | undefined
}

export interface AuthorityOptions {
  readonly registry: string
  readonly credentials: CredentialSource
  readonly send: (request: HttpRequest) => Promise<HttpAnswer>
  /** Refuses URLs that a secret must not be sent to. */
  readonly checkUrl: (url: URL, what: string) => void
}

const maxTokenBytes = 256 * 1024
/** distribution: a token is good for 60 seconds at least, and for so long where it says nothing. */
const shortestLifeSeconds = 60
/** What a request may take from the moment its token was looked at. */
const marginMs = 10_000

export function openAuthority({ registry, credentials, send, checkUrl }: AuthorityOptions): Authority {
  const secrets = new Set<string>()
  const tokens = new Map<string, { readonly header: string; readonly endsAt: number }>()
  const coming = new Map<string, Promise<void>>()
  let basic: string | undefined
  let known: Promise<Credentials | undefined> | undefined

  const find = async (signal: AbortSignal | undefined): Promise<Credentials | undefined> => {
    const found = await (known ??= credentials(registry, signal))
    if (found !== undefined) secrets.add(found.kind === 'password' ? found.password : found.token)
    return found
  }

  const basicHeader = ({ username, password }: { readonly username: string; readonly password: string }): string => {
    const encoded = Buffer.from(`${username}:${password}`).toString('base64')
    secrets.add(encoded)
    return `Basic ${encoded}`
  }

  const fetchToken = async (realm: URL, service: string | undefined, scopes: readonly string[], signal: AbortSignal | undefined): Promise<{ readonly token: string; readonly lifeMs: number }> => {
    const found = await find(signal)
    if (found?.kind === 'access') return { token: found.token, lifeMs: Number.POSITIVE_INFINITY }
    const answer = await send(found?.kind === 'identity'
      ? refreshRequest(realm, service, scopes, found.token, signal)
      : tokenRequest(realm, service, scopes, found === undefined ? undefined : basicHeader(found), signal))
    if (answer.status !== 200) throw await failureOf(answer, { what: 'the request for a token', host: realm.host, mask })
    const read = readToken(await readSmallAnswer(answer, maxTokenBytes, 'The token'))
    if (read === undefined) throw new ImageError('registry-invalid', `${quote(realm.host)} gave no token`)
    return read
  }

  const mask = (text: string): string => [...secrets].reduce((masked, secret) => (secret === '' ? masked : masked.replaceAll(secret, '***')), text)

  const header = (scopes: readonly string[]): string | undefined => {
    if (basic !== undefined) return basic
    const token = tokens.get(keyOf(scopes))
    return token !== undefined && token.endsAt > now() + marginMs ? token.header : undefined
  }

  const getToken = async (bearer: Challenge, { scopes, signal }: Refusal): Promise<void> => {
    const realm = realmOf(bearer)
    checkUrl(realm, 'its token server')
    const wanted = new Set([...scopes, ...(bearer.parameters.get('scope')?.split(' ') ?? [])].filter((scope) => scope !== ''))
    const { token, lifeMs } = await fetchToken(realm, bearer.parameters.get('service'), [...wanted], signal)
    secrets.add(token)
    tokens.set(keyOf(scopes), { header: `Bearer ${token}`, endsAt: now() + lifeMs })
  }

  return {
    mask,
    header,
    async answer(refusal) {
      const { challenge, scopes, shown, signal } = refusal
      // Another request was refused at the same time, and has found what to show meanwhile.
      const current = header(scopes)
      if (current !== undefined && current !== shown) return true
      const challenges = parseChallenges(challenge)
      const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'))
      if (bearer !== undefined) {
        const key = keyOf(scopes)
        const getting = coming.get(key) ?? getToken(bearer, refusal).finally(() => coming.delete(key))
        coming.set(key, getting)
        await getting
        return true
      }
      if (!challenges.some(({ scheme }) => scheme === 'basic') || basic !== undefined) return false
      const found = await find(signal)
      if (found?.kind === 'access') basic = `Bearer ${found.token}`
      else if (found?.kind === 'password') basic = basicHeader(found)
      return basic !== undefined
    },
  }
}

function keyOf(scopes: readonly string[]): string {
  return scopes.toSorted().join(' ')
}

function realmOf({ parameters }: Challenge): URL {
  const realm = parameters.get('realm') ?? ''
  if (!URL.canParse(realm)) throw new ImageError('registry-invalid', `The registry names the token server ${quote(realm)}, which is no URL`)
  const url = new URL(realm)
  // A name in the URL would be sent in place of ours.
  url.username = ''
  url.password = ''
  return url
}

function tokenRequest(realm: URL, service: string | undefined, scopes: readonly string[], authorization: string | undefined, signal: AbortSignal | undefined): HttpRequest {
  const url = new URL(realm)
  if (service !== undefined) url.searchParams.set('service', service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  return { method: 'GET', url, headers: authorization === undefined ? {} : { authorization }, signal }
}

/** distribution, "OAuth2 token": a refresh token is traded for an access token. */
function refreshRequest(realm: URL, service: string | undefined, scopes: readonly string[], refreshToken: string, signal: AbortSignal | undefined): HttpRequest {
  const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'shiplock', refresh_token: refreshToken, scope: scopes.join(' '), ...(service === undefined ? {} : { service }) })
  const bytes = Buffer.from(form.toString())
  return {
    method: 'POST', url: realm, headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: { size: bytes.length, pieces: () => [bytes] }, signal,
  }
}

function readToken(bytes: Buffer): { readonly token: string; readonly lifeMs: number } | undefined {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    // Not kept as a cause: the parser quotes what it read.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  if (!isRecord(value)) return undefined
  const token = [value['token'], value['access_token']].find((text) => typeof text === 'string' && text !== '')
  // A header cannot carry anything else, and the error of trying would quote it.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) return undefined
  const life = value['expires_in']
  return { token, lifeMs: Math.max(shortestLifeSeconds, typeof life === 'number' ? life : 0) * 1000 }
}
