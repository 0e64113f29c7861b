/**
 * The one file of this library that touches files, the process and the network: the directory of a signing key, and Sigstore's
 * services. Verifying never reaches it.
 */
import { constants, type Stats } from 'node:fs'
import * as fs from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { Signature, Witness } from '@sigstore/sign'
import { AttestationError, quote } from './error.ts'

const othersMay = 0o077

const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

async function unless<T>(code: string, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (systemCode(error) === code) return undefined
    throw error
  }
}

/** A directory of this process's user alone (mode 0700), made where there is none. One that others may enter throws `key-unsafe`. */
export async function makePrivateDirectory(directory: string): Promise<void> {
  await unless('EEXIST', fs.mkdir(directory, { recursive: true, mode: 0o700 }))
  const stats = await fs.lstat(directory)
  if (!stats.isDirectory()) throw new AttestationError('key-unsafe', `${quote(directory)} is not a directory`)
  checkOwner(stats, directory, 0o700)
}

function checkOwner(stats: Stats, path: string, mode: number): void {
  const user = process.geteuid?.()
  if (user !== undefined && stats.uid !== user) {
    throw new AttestationError('key-unsafe', `${quote(path)} belongs to the user ${stats.uid}, not to ${user}`, { hint: 'Use a directory of your own for the key.' })
  }
  if ((stats.mode & othersMay) !== 0) {
    throw new AttestationError('key-unsafe', `${quote(path)} is open to others (mode ${(stats.mode & 0o777).toString(8)})`, {
      hint: `Whoever read the key can sign as you. Run chmod ${mode.toString(8)} on it where you know that nobody did; otherwise delete the key.`,
    })
  }
}

/**
 * What is in a file of this process's user alone (mode 0600); `undefined` where there is none. The file is examined after it
 * was opened, so that it is not another one by then.
 */
export async function readPrivateFile(path: string, longestBytes: number): Promise<Uint8Array | undefined> {
  const file = await open(path)
  if (file === undefined) return undefined
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw new AttestationError('key-unsafe', `${quote(path)} is not a file`)
    checkOwner(stats, path, 0o600)
    if (stats.size > longestBytes) throw new AttestationError('key-invalid', `${quote(path)} is too large to be a key`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

async function open(path: string): Promise<fs.FileHandle | undefined> {
  try {
    // A pipe would keep the process waiting for a writer.
    return await fs.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    if (systemCode(error) === 'ELOOP') throw new AttestationError('key-unsafe', `${quote(path)} is a symbolic link`, { cause: error })
    throw error
  }
}

/** Gives a new file its content and then its name, which it keeps where it has one already: the first of two writers wins, and no half file is ever there. */
export async function createPrivateFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.partial-${randomUUID()}`)
  try {
    const file = await fs.open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await unless('EEXIST', fs.link(temporary, path))
  } finally {
    await fs.rm(temporary, { force: true })
  }
}

/** Where Sigstore's services are. */
export interface SigstoreEndpoints {
  readonly fulcioUrl: string
  readonly rekorUrl: string
  /** Of Rekor's API. Version 2 attests no time: it needs a timestamp authority beside it. */
  readonly rekorVersion: 1 | 2
  /** RFC 3161. */
  readonly timestampUrl?: string
  readonly timeoutMs: number
  /** How often a failed request is made again. */
  readonly retries: number
}

export interface SigstoreClients {
  /** Signs with a new key, which Fulcio certifies for whoever the token names. */
  readonly certify: (token: string, bytes: Buffer) => Promise<Signature>
  readonly witnesses: readonly Witness[]
}

/** Clients for Sigstore's services, loaded when somebody signs with them: they bring an HTTP client of their own. */
export async function sigstoreClients({ fulcioUrl, rekorUrl, rekorVersion, timestampUrl, timeoutMs, retries }: SigstoreEndpoints): Promise<SigstoreClients> {
  const { FulcioSigner, RekorWitness, TSAWitness } = await import('@sigstore/sign')
  const how = { timeout: timeoutMs, retry: { retries } }
  return {
    certify: async (token, bytes) => new FulcioSigner({ fulcioBaseURL: fulcioUrl, identityProvider: { getToken: async () => token }, ...how }).sign(bytes),
    witnesses: [
      new RekorWitness({ rekorBaseURL: rekorUrl, majorApiVersion: rekorVersion, ...how }),
      ...(timestampUrl === undefined ? [] : [new TSAWitness({ tsaBaseURL: timestampUrl, ...how })]),
    ],
  }
}

/** What GitHub Actions tells a job that has `permissions: id-token: write`. */
type GithubEnvironment = Readonly<Record<'ACTIONS_ID_TOKEN_REQUEST_URL' | 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', string>>

/** The token of the workflow that is running, for Sigstore (GitHub, "OpenID Connect reference"). Throws `signing-refused` outside of GitHub Actions, or where the job may not have one. */
export async function githubIdentityToken(environment: Partial<GithubEnvironment> = process.env): Promise<string> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: address, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = environment
  const url = URL.parse(address ?? '')
  if (!url || token === undefined) {
    throw new AttestationError('signing-refused', 'there is no identity token here', { hint: 'In GitHub Actions the job needs `permissions: id-token: write`.' })
  }
  url.searchParams.set('audience', 'sigstore')
  const answer = await fetch(url, { headers: { accept: 'application/json', authorization: `Bearer ${token}` }, redirect: 'error', signal: AbortSignal.timeout(30_000) }).catch(() => undefined)
  const body: unknown = answer?.ok ? await answer.json().catch(() => undefined) : undefined
  if (typeof body === 'object' && body !== null && 'value' in body && typeof body.value === 'string') return body.value
  throw new AttestationError('signing-refused', answer?.ok === false ? `the identity token was refused with HTTP ${answer.status}` : 'the identity token could not be fetched')
}

export interface TrustedRootOptions {
  /** Where The Update Framework keeps what it has seen, so that nobody can show it an older state. */
  readonly cacheDirectory: string
  readonly mirrorUrl?: string
  /** The root metadata to begin with; needed for any other mirror than Sigstore's own, whose root comes with its library. */
  readonly rootFile?: string
  readonly timeoutMs?: number
}

/**
 * The certificate authorities and logs of Sigstore's public services as they are today, for `trustedRoot` of a policy. What guards
 * it is The Update Framework (TUF 1.0, detailed client workflow). Throws `root-unavailable`.
 */
export async function fetchTrustedRoot({ cacheDirectory, mirrorUrl, rootFile, timeoutMs = 30_000 }: TrustedRootOptions): Promise<unknown> {
  const [{ getTrustedRoot }, { TrustedRoot }] = await Promise.all([import('@sigstore/tuf'), import('@sigstore/protobuf-specs')])
  try {
    const root = await getTrustedRoot({ cachePath: cacheDirectory, timeout: timeoutMs, ...(mirrorUrl === undefined ? {} : { mirrorURL: mirrorUrl }), ...(rootFile === undefined ? {} : { rootPath: rootFile }) })
    return TrustedRoot.toJSON(root)
  } catch (cause) {
    throw new AttestationError('root-unavailable', `Sigstore’s trusted root could not be had: ${quote(cause instanceof Error ? cause.message : String(cause))}`, {
      cause, hint: 'Without network, keep the trusted root that the policy has.',
    })
  }
}
