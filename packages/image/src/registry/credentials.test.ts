import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { temporaryDirectory } from '../testing/rig.ts'
import { dockerCredentials } from './credentials.ts'

const secret = 'hunter2-the-secret'

afterEach(() => vi.unstubAllEnvs())

async function configured(config: unknown, helpers: Readonly<Record<string, string>> = {}): Promise<string> {
  const directory = await temporaryDirectory()
  await writeFile(join(directory, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config))
  const bin = join(directory, 'bin')
  await mkdir(bin)
  for (const [name, script] of Object.entries(helpers)) {
    await writeFile(join(bin, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`)
    await chmod(join(bin, `docker-credential-${name}`), 0o755)
  }
  vi.stubEnv('PATH', `${bin}:${process.env['PATH'] ?? ''}`)
  return directory
}

const basic = (text: string): { readonly auth: string } => ({ auth: Buffer.from(text).toString('base64') })
const answering = (username: string, password: string): string => `test "$1" = get || exit 9; read server; printf '{"ServerURL":"%s","Username":"${username}","Secret":"${password}"}' "$server"`

async function failureOf(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(() => undefined, (reason: unknown) => reason)
  expect(error).toBeInstanceOf(Error)
  return error as Error
}

describe('credentials', () => {
  test('are none where Docker was never configured, or knows nothing of the registry', async () => {
    expect(await dockerCredentials({ directory: join(await temporaryDirectory(), 'absent') })('ghcr.io')).toBeUndefined()
    const directory = await configured({ auths: { 'ghcr.io': basic('me:x'), 'quay.io': {} } })
    expect(await dockerCredentials({ directory })('other.io')).toBeUndefined()
    expect(await dockerCredentials({ directory })('quay.io')).toBeUndefined()
  })

  test('are read in every form that Docker writes', async () => {
    const directory = await configured({
      auths: {
        'ghcr.io': basic(`me:${secret}:with:colons`),
        'https://index.docker.io/v1/': basic(`hub:${secret}`),
        'https://old.io/v1/': basic('old:x'),
        'identity.io': { ...basic('<token>:'), identitytoken: 'refresh' },
        'access.io': { registrytoken: 'access' },
        'plain.io': { username: 'me', password: 'x' },
        'nul.io': basic('me:x\0\0'),
      },
    })
    const find = dockerCredentials({ directory })
    expect(await find('ghcr.io')).toEqual({ kind: 'password', username: 'me', password: `${secret}:with:colons` })
    expect(await find('docker.io')).toEqual({ kind: 'password', username: 'hub', password: secret })
    expect(await find('old.io')).toEqual({ kind: 'password', username: 'old', password: 'x' })
    expect(await find('identity.io')).toEqual({ kind: 'identity', token: 'refresh' })
    expect(await find('access.io')).toEqual({ kind: 'access', token: 'access' })
    expect(await find('plain.io')).toEqual({ kind: 'password', username: 'me', password: 'x' })
    expect(await find('nul.io')).toEqual({ kind: 'password', username: 'me', password: 'x' })
  })

  test('come from the directory that DOCKER_CONFIG names', async () => {
    vi.stubEnv('DOCKER_CONFIG', await configured({ auths: { 'ghcr.io': basic('me:x') } }))
    expect(await dockerCredentials()('ghcr.io')).toEqual({ kind: 'password', username: 'me', password: 'x' })
  })

  test('of a helper for the registry come before those of the store for all, and these before the file', async () => {
    const directory = await configured(
      { credHelpers: { 'europe-docker.pkg.dev': 'cloud' }, credsStore: 'desktop', auths: { 'ghcr.io': basic('file:x'), 'lost.io': basic('file:y') } },
      { cloud: answering('oauth2accesstoken', secret), desktop: `read server; test "$server" = lost.io && { echo 'credentials not found in native keychain'; exit 1; }; printf '{"Username":"<token>","Secret":"refresh"}'` },
    )
    const find = dockerCredentials({ directory })
    expect(await find('europe-docker.pkg.dev')).toEqual({ kind: 'password', username: 'oauth2accesstoken', password: secret })
    expect(await find('ghcr.io')).toEqual({ kind: 'identity', token: 'refresh' })
    expect(await find('lost.io')).toEqual({ kind: 'password', username: 'file', password: 'y' })
  })

  test('of Docker Hub are asked for under the name that Docker gives it', async () => {
    const directory = await configured({ credsStore: 'echo' }, { echo: `read server; printf '{"Username":"%s","Secret":"x"}' "$server"` })
    expect(await dockerCredentials({ directory })('docker.io')).toMatchObject({ username: 'https://index.docker.io/v1/' })
  })
})

describe('a helper', () => {
  test.each<[string, string]>([
    ['that fails', `echo '${secret}'; echo '${secret}' >&2; exit 1`],
    ['that prints no JSON', `echo 'not json ${secret}'`],
    ['that prints something else', `echo '{"Username":7,"Secret":"${secret}"}'`],
    ['that prints without end', `while :; do echo '${secret}'; done`],
  ])('%s is named, and what it printed is not', async (_, script) => {
    const directory = await configured({ credsStore: 'bad' }, { bad: script })
    const error = await failureOf(dockerCredentials({ directory })('ghcr.io'))
    expect(error).toMatchObject({ code: 'credentials-unavailable', message: expect.stringContaining('bad') })
    expect(JSON.stringify([error, error.message, error.stack, String(error.cause)])).not.toContain(secret)
  })

  test('that does not end is ended', async () => {
    const directory = await configured({ credsStore: 'slow' }, { slow: 'exec sleep 600' })
    await expect(dockerCredentials({ directory, helperTimeoutMs: 200 })('ghcr.io')).rejects.toMatchObject({ code: 'credentials-unavailable', message: expect.stringContaining('200 ms') })
  })

  test('that is not installed is named', async () => {
    const directory = await configured({ credHelpers: { 'ghcr.io': 'absent' } })
    await expect(dockerCredentials({ directory })('ghcr.io')).rejects.toMatchObject({ code: 'credentials-unavailable', message: expect.stringContaining('not installed') })
  })

  test.each(['../evil', 'a/b', '', ' ', '-x', 7, null])('named %j is not run', async (name) => {
    const directory = await configured({ credHelpers: { 'ghcr.io': name } })
    await expect(dockerCredentials({ directory })('ghcr.io')).rejects.toMatchObject({ code: 'credentials-unavailable' })
  })

  test('is given up when the caller stops', async () => {
    const directory = await configured({ credsStore: 'slow' }, { slow: 'exec sleep 600' })
    const stop = new AbortController()
    const asked = dockerCredentials({ directory })('ghcr.io', stop.signal)
    stop.abort(new Error('told to stop'))
    await expect(asked).rejects.toThrow('told to stop')
  })
})

describe('a configuration', () => {
  test.each<[string, unknown]>([
    ['that is no JSON', `{"auths":{"ghcr.io":{"auth":"${secret}"`],
    ['that is no object', [secret]],
    ['whose entry is none', { auths: { 'ghcr.io': secret } }],
    ['whose entry has no user', { auths: { 'ghcr.io': basic(`:${secret}`) } }],
    ['whose entry has no password', { auths: { 'ghcr.io': basic(secret) } }],
  ])('%s is refused, and not quoted', async (_, config) => {
    const directory = await configured(config)
    const error = await failureOf(dockerCredentials({ directory })('ghcr.io'))
    expect(error).toMatchObject({ code: 'credentials-unavailable' })
    const shown = JSON.stringify([error, error.message, error.stack, String(error.cause)])
    expect(shown).not.toContain(secret)
    expect(shown).not.toContain(Buffer.from(secret).toString('base64').slice(0, 12))
  })
})
