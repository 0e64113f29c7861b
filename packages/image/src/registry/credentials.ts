import { ImageError, quote } from '../error.ts'
import { askCredentialHelper, dockerConfigDirectory, readDockerConfig } from '../node/docker-config.ts'
import { isRecord } from '../oci/json.ts'

/** What proves to a registry who asks. Never printed, never part of an error. */
export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** A refresh token (Docker's `identitytoken`), which the token server turns into access tokens. */
  | { readonly kind: 'identity'; readonly token: string }
  /** An access token (Docker's `registrytoken`), which is shown as it is. */
  | { readonly kind: 'access'; readonly token: string }

/** Finds the credentials for a registry by its host; `undefined` where there are none. */
export type CredentialSource = (registry: string, signal?: AbortSignal) => Promise<Credentials | undefined>

export interface DockerCredentialsOptions {
  /** The directory that holds `config.json`: DOCKER_CONFIG or `.docker` at home unless said otherwise. */
  readonly directory?: string
  /** How long a credential helper may take. */
  readonly helperTimeoutMs?: number
}

const helperPattern = /^[\w][\w.-]{0,99}$/
/** How Docker's configuration names Docker Hub. */
const hubKey = 'https://index.docker.io/v1/'

/** What `docker login` left on this machine: helpers for single registries first, then the store for all, then the file itself. */
export function dockerCredentials({ directory, helperTimeoutMs = 30_000 }: DockerCredentialsOptions = {}): CredentialSource {
  return async (registry, signal) => {
    const from = directory ?? dockerConfigDirectory()
    const bytes = await readDockerConfig(from)
    if (bytes === undefined) return undefined
    const config = readConfig(bytes, from)
    const names = namesOf(registry)
    const helper = names.map((name) => config.helpers.get(name)).find((name) => name !== undefined) ?? config.store
    if (helper !== undefined) {
      const found = await askHelper(helper, names[0]!, helperTimeoutMs, signal)
      if (found !== undefined) return found
    }
    for (const name of names) {
      const auth = config.auths.get(name)
      if (auth !== undefined) return readAuth(auth, name)
    }
    return undefined
  }
}

/** Old versions of Docker wrote a URL where newer ones write the host. */
function namesOf(registry: string): readonly string[] {
  const all = [registry, `https://${registry}`, `https://${registry}/`, `https://${registry}/v1/`, `https://${registry}/v2/`]
  return registry === 'docker.io' ? [hubKey, 'index.docker.io', ...all] : all
}

interface DockerConfig {
  readonly store: string | undefined
  readonly helpers: ReadonlyMap<string, string>
  readonly auths: ReadonlyMap<string, unknown>
}

function readConfig(bytes: Uint8Array, directory: string): DockerConfig {
  const value = parseSecret(Buffer.from(bytes).toString('utf8'))
  if (!isRecord(value)) throw new ImageError('credentials-unavailable', `${quote(`${directory}/config.json`)} is not a JSON object`)
  const { credsStore, credHelpers, auths } = value
  const helpers = isRecord(credHelpers) ? Object.entries(credHelpers) : []
  return {
    store: credsStore === undefined || credsStore === '' ? undefined : helperName(credsStore),
    helpers: new Map(helpers.map(([name, helper]) => [name, helperName(helper)])),
    auths: new Map(isRecord(auths) ? Object.entries(auths) : []),
  }
}

/** It becomes part of a program's name, so it must not lead to another directory. */
function helperName(value: unknown): string {
  if (typeof value === 'string' && helperPattern.test(value)) return value
  throw new ImageError('credentials-unavailable', `Docker’s configuration names the credential helper ${quote(String(value))}, which is no name`)
}

async function askHelper(helper: string, server: string, timeoutMs: number, signal?: AbortSignal): Promise<Credentials | undefined> {
  const { status, output } = await askCredentialHelper(helper, server, timeoutMs, signal)
  // docker-credential-helpers: the one thing that a helper must say word for word.
  if (status !== 0 && output.trim() === 'credentials not found in native keychain') return undefined
  const value = status === 0 ? readAnswer(output) : undefined
  if (value === undefined) {
    throw new ImageError('credentials-unavailable', `The credential helper ${quote(helper)} gave no credentials for ${quote(server)} (it ended with ${String(status)})`, {
      hint: `Log in again: docker login ${server}`,
    })
  }
  const { username, secret } = value
  if (username === '' && secret === '') return undefined
  return username === '<token>' ? { kind: 'identity', token: secret } : { kind: 'password', username, password: secret }
}

function readAnswer(output: string): { readonly username: string; readonly secret: string } | undefined {
  const value = parseSecret(output)
  if (!isRecord(value) || typeof value['Username'] !== 'string' || typeof value['Secret'] !== 'string') return undefined
  return { username: value['Username'], secret: value['Secret'] }
}

/** JSON that holds secrets. The parser's own error is not kept: it quotes what it could not read. */
function parseSecret(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** An entry of `auths`. An empty one only says that a helper has the credentials. */
function readAuth(auth: unknown, name: string): Credentials | undefined {
  if (!isRecord(auth)) throw new ImageError('credentials-unavailable', `Docker’s configuration has a wrong entry for ${quote(name)}`)
  const text = (key: string): string | undefined => (typeof auth[key] === 'string' && auth[key] !== '' ? auth[key] : undefined)
  const [identity, access, encoded, username, password] = ['identitytoken', 'registrytoken', 'auth', 'username', 'password'].map(text)
  if (access !== undefined) return { kind: 'access', token: access }
  if (identity !== undefined) return { kind: 'identity', token: identity }
  if (username !== undefined && password !== undefined) return { kind: 'password', username, password }
  if (encoded === undefined) return undefined
  const decoded = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  if (colon < 1) throw new ImageError('credentials-unavailable', `Docker’s configuration has credentials for ${quote(name)} that are not username:password`)
  // Docker itself drops NULs at the end of the password.
  return { kind: 'password', username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, '') }
}
