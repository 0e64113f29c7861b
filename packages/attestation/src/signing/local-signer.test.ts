import { execFileSync } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync, verify } from 'node:crypto'
import { chmod, mkdir, readFile, readdir, rename, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createPrivateFile } from '../node.ts'
import { temporaryDirectory } from '../testing/rig.ts'
import { localSigner } from './local-signer.ts'

const keyFile = 'local-signing-key.pem'
const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8)

async function directoryWithKey(content: string | Uint8Array, mode = 0o600): Promise<string> {
  const directory = join(await temporaryDirectory(), 'keys')
  await mkdir(directory, { mode: 0o700 })
  await writeFile(join(directory, keyFile), content, { mode: 0o600 })
  await chmod(join(directory, keyFile), mode)
  return directory
}

const pem = (type: 'rsa' | 'P-384' | 'P-256'): string => {
  const pair = type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: type })
  return pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

describe('the key of this machine', () => {
  test('is made at the first use, for its owner alone, whatever the umask', async () => {
    const directory = join(await temporaryDirectory(), 'deep', 'keys')
    const before = process.umask(0)
    try {
      await localSigner(directory)
    } finally {
      process.umask(before)
    }
    expect(await modeOf(directory)).toBe('700')
    expect(await modeOf(join(directory, keyFile))).toBe('600')
    expect(await readdir(directory)).toEqual([keyFile])
  })

  test('is PKCS #8 on P-256, and the same at the next use', async () => {
    const directory = join(await temporaryDirectory(), 'keys')
    const first = await localSigner(directory)
    const key = createPrivateKey(await readFile(join(directory, keyFile), 'utf8'))
    expect(key.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
    expect(await readFile(join(directory, keyFile), 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
    const second = await localSigner(directory)
    expect(second.keyId).toBe(first.keyId)
    expect(second.publicKey).toBe(first.publicKey)
  })

  test('is one, also where many first uses happen at once', async () => {
    const directory = join(await temporaryDirectory(), 'keys')
    const signers = await Promise.all(Array.from({ length: 16 }, async () => localSigner(directory)))
    expect(new Set(signers.map(({ keyId }) => keyId)).size).toBe(1)
    expect(await readdir(directory)).toEqual([keyFile])
  })

  test('is the one that was there first, where somebody else made one in the meantime', async () => {
    const file = join(await temporaryDirectory(), keyFile)
    await createPrivateFile(file, Buffer.from('first'))
    await createPrivateFile(file, Buffer.from('second'))
    expect(await readFile(file, 'utf8')).toBe('first')
  })

  test('has the name that openssl computes, and signs what the public key verifies', async () => {
    const directory = join(await temporaryDirectory(), 'keys')
    const signer = await localSigner(directory)
    const der = execFileSync('openssl', ['pkey', '-in', join(directory, keyFile), '-pubout', '-outform', 'DER'])
    const digest = execFileSync('openssl', ['dgst', '-sha256', '-r'], { input: der, encoding: 'utf8' }).slice(0, 64)
    expect(signer.keyId).toBe(`sha256:${digest}`)
    const { signature, by } = await signer.sign(new TextEncoder().encode('hello'))
    expect(by).toEqual({ hint: Buffer.from(digest, 'hex').toString('base64') })
    expect(verify('sha256', Buffer.from('hello'), signer.publicKey, signature)).toBe(true)
    expect(JSON.stringify(signer)).not.toContain('PRIVATE')
  })

  test.each([0o640, 0o604, 0o620, 0o602, 0o610])('is refused where others may open its file (mode %o)', async (mode) => {
    const directory = await directoryWithKey(pem('P-256'), mode)
    await expect(localSigner(directory)).rejects.toMatchObject({ code: 'key-unsafe', message: expect.stringContaining(`mode ${mode.toString(8)}`) })
  })

  test.each([0o750, 0o705, 0o770, 0o701])('is refused where others may enter its directory (mode %o)', async (mode) => {
    const directory = await directoryWithKey(pem('P-256'))
    await chmod(directory, mode)
    await expect(localSigner(directory)).rejects.toMatchObject({ code: 'key-unsafe' })
  })

  test('is refused where its file is a link, a directory or a pipe', async () => {
    const linked = await directoryWithKey(pem('P-256'))
    await rename(join(linked, keyFile), join(linked, 'elsewhere'))
    await symlink('elsewhere', join(linked, keyFile))
    await expect(localSigner(linked)).rejects.toMatchObject({ code: 'key-unsafe', message: expect.stringContaining('symbolic link') })

    const occupied = join(await temporaryDirectory(), 'keys')
    await mkdir(join(occupied, keyFile), { recursive: true, mode: 0o700 })
    await chmod(occupied, 0o700)
    await expect(localSigner(occupied)).rejects.toMatchObject({ code: 'key-unsafe', message: expect.stringContaining('not a file') })

    const piped = join(await temporaryDirectory(), 'keys')
    await mkdir(piped, { mode: 0o700 })
    execFileSync('mkfifo', ['-m', '600', join(piped, keyFile)])
    await expect(localSigner(piped)).rejects.toMatchObject({ code: 'key-unsafe', message: expect.stringContaining('not a file') })
  })

  test('is refused where its directory is a link or a file', async () => {
    const directory = await directoryWithKey(pem('P-256'))
    await symlink(directory, `${directory}-link`)
    await expect(localSigner(`${directory}-link`)).rejects.toMatchObject({ code: 'key-unsafe' })
    await expect(localSigner(join(directory, keyFile))).rejects.toMatchObject({ code: 'key-unsafe' })
  })

  test('is refused where its file or directory is of another user', async () => {
    // Only root can give a file away; for everybody else the root directory is another user's.
    if (process.geteuid?.() !== 0) await expect(localSigner('/')).rejects.toMatchObject({ code: 'key-unsafe', message: expect.stringContaining('belongs to the user 0') })
    else for (const path of ['', keyFile]) {
      const directory = await directoryWithKey(pem('P-256'))
      execFileSync('chown', ['65534', join(directory, path)])
      await expect(localSigner(directory)).rejects.toMatchObject({ code: 'key-unsafe', message: expect.stringContaining('belongs to the user 65534') })
    }
  })

  test.each([
    ['RSA', pem('rsa')],
    ['ECDSA on P-384', pem('P-384')],
    ['none, but a secret that was put in the wrong place', 'hunter2hunter2'],
    ['damaged', pem('P-256').replace('MIGH', 'MIGI')],
    ['too large', 'A'.repeat(5000)],
    ['empty', ''],
  ])('that is %s is refused, without a word of what is in the file', async (_, content) => {
    const error: unknown = await localSigner(await directoryWithKey(content)).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'key-invalid' })
    const told = JSON.stringify([error, String(error), error instanceof Error && error.stack, error instanceof Error && error.cause])
    const secret = content.split('\n').find((line) => line.length > 12 && !line.startsWith('-'))
    expect(secret !== undefined && told.includes(secret)).toBe(false)
  })
})
