import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withFingerprints } from '@shiplock/findings'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryStore } from '../../engine/cache.ts'
import { createCheckRig } from '../../testing/check-fixtures.ts'
import { findSecrets } from './find-secrets.ts'
import { looksRandom } from './generic.ts'
import secrets from './index.ts'
import { isMadeUp, isPlaceholder, isRegular } from './placeholder.ts'

const letters = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ123456789'
const random = (length: number) => fc.array(fc.constantFrom(...letters), { minLength: length, maxLength: length }).map((all) => all.join('')).filter((text) => !isPlaceholder(text) && !isRegular(text))
// In pieces, so that this file holds none.
const token = (body: string) => `gh${'p'}_${body}`
const body = 'q7Rk2Vw9Zt4Xy6Bn8Mc3Lf5Hd1Js0Pg7Qa2Ue'.slice(0, 36)

test('no finding holds any part of a secret behind its public marker, wherever it stands and whatever is beside it', async () => {
  await fc.assert(
    fc.asyncProperty(random(36), random(36), fc.string({ maxLength: 40 }), fc.string({ maxLength: 40 }), async (one, two, left, right) => {
      const text = `${left.replaceAll(/\w$/g, '')} "${token(one)}" ${right} "${token(two)}" "${token(one)}"\n`
      const said = JSON.stringify(await findSecrets('src/a.ts', text))
      for (const secret of [one, two]) for (let at = 0; at + 8 <= secret.length; at++) expect(said).not.toContain(secret.slice(at, at + 8))
    }),
  )
})

test('what is shown of an indented line has the columns of the source, and the fingerprint is that of the line without', async () => {
  const line = `const key = '${token(body)}'`
  const [indented] = await findSecrets('src/a.ts', `    ${line}\n`)
  expect(indented?.snippet).toBe(`    const key = '${token('***')}`)
  expect(indented?.snippet?.slice((indented.location?.startColumn ?? 0) - 1)).toBe(token('***'))
  const fingerprintOf = (drafts: Awaited<ReturnType<typeof findSecrets>>) => withFingerprints(drafts.map((draft) => ({ ...draft, severity: 'high' as const, confidence: 'high' as const })), ({ snippet = '' }) => snippet)[0]?.fingerprint
  for (const indent of [' '.repeat(40), '\t', ' '.repeat(500)]) expect(fingerprintOf(await findSecrets('src/a.ts', `${indent}${line}\n`))).toBe(fingerprintOf(await findSecrets('src/a.ts', `${line}\n`)))
})

test('any text is looked through without a throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 500 }), fc.constantFrom('a.ts', '.npmrc', '.env', 'a.json', 'a.md'), async (text, path) => {
      expect(Array.isArray(await findSecrets(path, text))).toBe(true)
    }),
  )
})

test.each([
  ['the start of a key again and again', '-----BEGIN PRIVATE KEY-----\n'.repeat(20_000)],
  ['an endless name', `secret${'-secret'.repeat(100_000)}`],
  ['the start of an address again and again', 'postgres://'.repeat(60_000)],
  ['half tokens', 'eyJaaaaaaaaaaaaaaaaaaaa.'.repeat(30_000)],
  ['one long row', 'a'.repeat(1_000_000)],
  ['blanks after a name', `token${' '.repeat(500_000)}`],
])('a hostile text takes no more than a moment: %s', async (_, text) => {
  await findSecrets('.env', text)
})

test('the fingerprint stays where the line moves, and a copy is new', async () => {
  await using rig = await createCheckRig(undefined, { packages: false })
  const prints = async (text: string) => {
    writeFileSync(join(rig.root, 'a.ts'), text)
    const { outcome } = await rig.run(secrets)
    return outcome.kind === 'completed' ? outcome.findings.map(({ fingerprint }) => fingerprint) : []
  }
  const line = `const key = '${token(body)}'\n`
  const [first] = await prints(line)
  expect(await prints(`// moved\n\n${line}`)).toEqual([first])
  const both = await prints(line + line)
  expect(both).toHaveLength(2)
  expect(new Set(both).size).toBe(2)
  expect(both).toContain(first)
})

test('another secret is another finding, whatever stands around it; a renamed file has the one that it had', async () => {
  const printOf = async (path: string, text: string) => {
    const [draft] = await findSecrets(path, text)
    if (!draft) throw new Error('nothing was found')
    return withFingerprints([{ ...draft, severity: 'high', confidence: 'high' }], ({ snippet = '' }) => snippet)[0]!
  }
  const [one, other] = [`const key = '${token(body)}'\n`, `const key = '${token(body.split('').toReversed().join(''))}'\n`]
  const accepted = await printOf('src/a.ts', one)
  expect((await printOf('src/b.ts', one)).fingerprint).toBe(accepted.fingerprint)
  expect((await printOf('src/a.ts', other)).fingerprint).not.toBe(accepted.fingerprint)
  expect(Object.keys(accepted)).not.toContain('identity')
  // What could be guessed is in no hash: there it is the file that tells.
  const password = (word: string) => `url = "https://ann:${word}@git.acme-shop.com/x"\n`
  const chosen = await printOf('src/a.ts', password('kT9vBn2x'))
  expect((await printOf('src/a.ts', password('mW7cQz4y'))).fingerprint).toBe(chosen.fingerprint)
  expect((await printOf('src/b.ts', password('kT9vBn2x'))).fingerprint).not.toBe(chosen.fingerprint)
})

test('a text that is called an image is read, and an image is not', async () => {
  await using rig = await createCheckRig(undefined, { packages: false })
  writeFileSync(join(rig.root, 'logo.png'), `key = '${token(body)}'\n`)
  writeFileSync(join(rig.root, 'photo.jpg'), Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(Array.from({ length: 400 }, (_, at) => 128 + (at % 128))), Buffer.from(`key = '${token(body)}'\n`)]))
  writeFileSync(join(rig.root, 'icon.ico'), `\0\0\x01key = '${token(body)}'\n`)
  const { outcome } = await rig.run(secrets)
  expect(outcome.kind === 'completed' && outcome.findings.map(({ location }) => location?.path)).toEqual(['logo.png'])
})

test('an unchanged file is not looked at again, and what is remembered holds no secret', async () => {
  await using rig = await createCheckRig(undefined, { packages: false })
  const memory = memoryStore()
  const written: string[] = []
  const store = { ...memory, get: (key: string) => memory.get(key), set: (key: string, value: string) => { written.push(value); memory.set(key, value) } }
  writeFileSync(join(rig.root, 'a.ts'), `const key = '${token(body)}'\n`)
  const cold = await rig.run(secrets, { store })
  const warm = await rig.run(secrets, { store })
  expect(warm.text).toBe(cold.text)
  expect(written).toHaveLength(1)
  expect(written.join('')).not.toContain(body.slice(0, 8))
})

test('what UTF-16 and CRLF hold is found, and a binary is left out', async () => {
  const text = `key = "${token(body)}"\r\n`
  const utf16 = Buffer.from(`\uFEFF${text}`, 'utf16le').toString('utf8')
  expect(await findSecrets('a.ps1', utf16)).toMatchObject([{ rule: 'secrets/github-token', location: { startLine: 1, startColumn: 8 } }])
  expect(await findSecrets('a.txt', `\r\n${text}`)).toMatchObject([{ location: { startLine: 2 } }])
  expect(await findSecrets('a.bin', `\0${text}`)).toEqual([])
  // A comment with a zero byte hides nothing of a source.
  expect(await findSecrets('a.ts', `// \0\n${text}`)).toMatchObject([{ rule: 'secrets/github-token' }])
})

test('a comment for secretlint hides nothing from the gate', async () => {
  const text = `// secretlint-disable\nconst mail = "S${'G'}.q7Rk2Vw9Zt4Xy6Bn8Mc3Lf.q7Rk2Vw9Zt4Xy6Bn8Mc3Lf5Hd1Js0Pg7Qa2UeWvBnMk"\n`
  expect(await findSecrets('a.ts', text)).toMatchObject([{ rule: 'secrets/service-token' }])
})

test('a list of secrets is cut, and the last one says how many follow', async () => {
  const found = await findSecrets('list.txt', Array.from({ length: 250 }, (_, index) => `${token(body.slice(0, 32) + String(1000 + index))}\n`).join(''))
  expect(found).toHaveLength(200)
  expect(found.at(-1)?.message).toContain('50 more')
})

test.each(['correct-horse-battery-staple', 'projects/shop/secrets/key-v12', 'sha512-q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ', '0b8c9f5e-7a3d-4c1b-9e2f-6d5a4b3c2e1f', 'https://a1b2c3d4e5f6g7.shop.io/token', '12345678901234567', 'userRegistrationPasswordField'])('%s does not look random', (value) => {
  expect(looksRandom(value)).toBe(false)
})

/** As nearly every token is that was drawn: not shrunk to one letter, and not by chance of capitalised words. */
const hasLittleToRead = (drawn: string) => new Set(drawn).size > 16 && drawn.replaceAll(/[A-Z][a-z]{2,}/g, '').length > 27

test("a placeholder's word inside a token of a known kind does not hide it", async () => {
  const words = ['AbCdEfGh', 'abcdefgh', '0123456789', 'fake', 'Example', 'sample', 'dummy', 'xxxx', '1234567890']
  await fc.assert(
    fc.asyncProperty(random(36).filter(hasLittleToRead), fc.constantFrom(...words), fc.nat(26), async (drawn, word, at) => {
      const planted = (drawn.slice(0, at) + word + drawn.slice(at)).slice(0, 36)
      expect(await findSecrets('src/a.ts', `const key = "${token(planted)}"\n`)).toMatchObject([{ rule: 'secrets/github-token' }])
    }),
  )
  const key = body + body.toLowerCase()
  expect(await findSecrets('a.pem', `-----BEGIN PRIVATE ${'KEY'}-----\n${`${key.slice(0, 30)}fake${key.slice(0, 30)}\n`.repeat(6)}-----END PRIVATE KEY-----\n`)).toMatchObject([{ rule: 'secrets/private-key' }])
})

test.each(['xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 'abcdefghijklmnopqrstuvwxyz0123456789', '1234567890abcdefghijklmnopqrstuvwxyz', 'ExampleExampleExampleExampleExample1', 'ThisIsAFakeTokenForTheTestsOfOurDocs', 'EXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLE1', 'aaaabbbbccccddddeeeeffffgggghhhhfake'])('a token that is made up as a whole is none: %s', (made) => {
  expect(isMadeUp(token(made)) || isRegular(token(made))).toBe(true)
})
