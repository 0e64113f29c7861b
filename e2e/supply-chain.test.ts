import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository
const state = (...parts: string[]) => join(repository.root, '.shiplock', ...parts)
const json = async (...args: string[]) => JSON.parse((await repository.shiplock([...args, '--format', 'json'])).stdout)

beforeAll(async () => {
  repository = await ScratchRepository.create()
  const first = await repository.run()
  expect(first.exitCode, first.stderr).toBe(0)
})
afterAll(() => repository.dispose())

test('what was deployed is proven: what it is made of, what the tests said, and what was decided', async () => {
  const { image, admitted, proven, refused } = await json('verify')
  expect(image).toBe(repository.record.subjects.find(({ kind }) => kind === 'image')?.digest)
  expect({ admitted, refused }).toEqual({ admitted: true, refused: [] })
  const said = proven.map(({ what }: { what: string }) => what.split(':', 1)[0])
  expect(said).toEqual(expect.arrayContaining(['provenance', 'SBOM', 'tests', 'verdict']))
})

test('what a service runs is proven back to its commit, its gates and who signed', async () => {
  const commit = repository.git('rev-parse', 'HEAD').trim()
  const { service, revisions } = await json('verify', 'small')
  expect(service).toBe('small')
  expect(revisions).toMatchObject([{ percent: 100, admitted: true, refused: [], digest: repository.record.subjects.find(({ kind }) => kind === 'image')?.digest, signedBy: ['local key "this checkout"'], source: { commit, isDirty: false, known: { subject: 'first', author: 'Story' } } }])
  expect(revisions[0].gates).toEqual(expect.arrayContaining([expect.objectContaining({ check: 'secrets', decision: 'pass', outcome: 'completed' })]))
  const text = await repository.shiplock(['verify', 'small'])
  expect(text.exitCode).toBe(0)
  for (const line of [/^Service  small at http/m, /^Revision small-\S+ gets 100% of the requests$/m, /^proven   SBOM/m, new RegExp(`^commit   ${commit}: "first" of \\S+ by Story$`, 'm'), /^gate     secrets: pass, 0 findings$/m, /^signed   by local key "this checkout"$/m, /^Verdict  admitted$/m]) expect(text.stdout).toMatch(line)
})

test('a run that changes nothing signs nothing anew', async () => {
  const before = readdirSync(state('layout/blobs/sha256')).length
  expect((await repository.run()).exitCode).toBe(0)
  expect(readdirSync(state('layout/blobs/sha256'))).toHaveLength(before)
})

test('the key is for its owner alone', () => {
  expect([statSync(state('keys')).mode & 0o777, ...readdirSync(state('keys')).map((name) => statSync(state('keys', name)).mode & 0o777)]).toEqual([0o700, 0o600])
})

test('what a stranger signed proves nothing', async () => {
  renameSync(state('keys'), state('keys-of-yesterday'))
  try {
    const { admitted, refused } = await json('verify')
    expect(admitted).toBe(false)
    expect(refused.map(({ code }: { code: string }) => code)).toContain('stranger')
    expect((await repository.shiplock(['verify'])).exitCode).toBe(1)
    // What runs is held against the same: where it came from is nobody's word any more.
    const running = await repository.shiplock(['verify', 'small'])
    expect(running).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('commit   no statement names one') })
  } finally {
    rmSync(state('keys'), { recursive: true, force: true })
    renameSync(state('keys-of-yesterday'), state('keys'))
  }
})

test('an image without its attestations is not admitted, whatever was remembered of it', async () => {
  const layout = JSON.parse(readFileSync(state('layout/index.json'), 'utf8'))
  const named = layout.manifests.filter(({ artifactType }: { artifactType?: string }) => artifactType === undefined)
  expect(named.length).toBeLessThan(layout.manifests.length)
  writeFileSync(state('layout/index.json'), JSON.stringify({ ...layout, manifests: named }))
  expect((await json('verify')).refused.map(({ code }: { code: string }) => code)).toContain('unsigned')
  // The next run finds that they are gone, and states and signs anew.
  expect((await repository.run()).exitCode).toBe(0)
  expect((await json('verify')).admitted).toBe(true)
})

test('a statement that was edited keeps the image out', async () => {
  const index = JSON.parse(readFileSync(state('layout/index.json'), 'utf8'))
  const blob = (digest: string) => state('layout/blobs', digest.replace(':', '/'))
  const [referrer] = index.manifests.filter(({ artifactType }: { artifactType?: string }) => artifactType !== undefined)
  const manifest = JSON.parse(readFileSync(blob(referrer.digest), 'utf8'))
  const bundle = JSON.parse(readFileSync(blob(manifest.layers[0].digest), 'utf8'))
  const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString('utf8')
  const edited = JSON.stringify({ ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payload: Buffer.from(payload.replace(/"name":"[^"]*"/, '"name":"edited"')).toString('base64') } })
  const put = (text: string) => {
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`
    writeFileSync(blob(digest), text)
    return { digest, size: Buffer.byteLength(text) }
  }
  const layer = { ...manifest.layers[0], ...put(edited) }
  const attached = { ...referrer, ...put(JSON.stringify({ ...manifest, layers: [layer] })) }
  writeFileSync(state('layout/index.json'), JSON.stringify({ ...index, manifests: [...index.manifests, attached] }))
  const { admitted, refused } = await json('verify')
  expect(admitted).toBe(false)
  expect(refused.map(({ code }: { code: string }) => code)).toContain('signature-invalid')
  writeFileSync(state('layout/index.json'), JSON.stringify(index))
})

test('what runs is looked at again by the SBOM that was signed, and what cannot be matched is no pass', async () => {
  const rescan = await repository.shiplock(['rescan', '--format', 'json'])
  expect(rescan.exitCode, rescan.stderr).toBe(3)
  const { images } = JSON.parse(rescan.stdout)
  expect(images).toMatchObject([{ digest: repository.record.subjects.find(({ kind }) => kind === 'image')?.digest, fresh: [], notMatched: [{ ecosystem: 'Node.js', components: 1 }] }])
  expect((await repository.shiplock(['rescan', '--issue'])).stdout).toMatch(/^# /)
})

test('an image is described, scanned and attested wherever it is', async () => {
  mkdirSync(state('elsewhere'), { recursive: true })
  const output = state('elsewhere/image')
  expect((await repository.shiplock(['image', 'build', '--output', output])).exitCode).toBe(0)
  expect(existsSync(join(output, 'oci-layout'))).toBe(true)
  const sbom = JSON.parse((await repository.shiplock(['image', 'sbom', output, '--quiet'])).stdout)
  expect(sbom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' })
  expect(sbom.components.map(({ name }: { name: string }) => name)).toContain('node')
  expect(JSON.parse((await repository.shiplock(['image', 'sbom', output, '--sbom-format', 'spdx', '--quiet'])).stdout)).toMatchObject({ spdxVersion: 'SPDX-2.3' })
  // Nothing is known of Node here, and that is no pass.
  const scan = await repository.shiplock(['image', 'scan', output])
  expect(scan).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('not matched against known vulnerabilities') })
  expect((await repository.shiplock(['image', 'attest', output])).exitCode).toBe(0)
  // What another scanner says of the same image counts as well; of another image nothing.
  const manifest = JSON.parse((await repository.shiplock(['image', 'build', '--format', 'json'])).stdout)
  const trivy = (diffIds: readonly string[]) => JSON.stringify({ SchemaVersion: 2, CreatedAt: new Date().toISOString(), ArtifactName: 'small', Metadata: { DiffIDs: diffIds }, Results: [{ Target: 'node', Vulnerabilities: [{ VulnerabilityID: 'CVE-2099-1', PkgName: 'node', InstalledVersion: '1.0.0', Severity: 'CRITICAL', Title: 'Somebody else found it' }] }] })
  writeFileSync(state('elsewhere/trivy.json'), trivy(manifest.layers.map(({ diffId }: { diffId: string }) => diffId)))
  const reported = await repository.shiplock(['image', 'scan', output, '--image-report', state('elsewhere/trivy.json')])
  expect(`${reported.stdout}${reported.stderr}`).toContain('Somebody else found it')
  writeFileSync(state('elsewhere/trivy.json'), trivy([`sha256:${'0'.repeat(64)}`]))
  expect(await repository.shiplock(['image', 'scan', output, '--image-report', state('elsewhere/trivy.json')])).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('is of another image') })
  // What was asked for and cannot be had is no pass.
  expect(await repository.shiplock(['image', 'scan', output, '--updates'])).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('of no distribution that it names') })
  // Beside a tar nothing can be kept, and what would be lost is not signed.
  execFileSync('skopeo', ['copy', '--insecure-policy', '--quiet', `oci:${output}:small:build`, `oci-archive:${state('elsewhere/saved.tar')}`])
  expect(await repository.shiplock(['image', 'attest', state('elsewhere/saved.tar')])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('it is no layout') })
  expect(await repository.shiplock(['image', 'sbom', '--output', '/dev/null/sbom.json'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('cannot be written') })
  expect(await repository.shiplock(['image', 'scan', state('no-such-image')])).toMatchObject({ exitCode: 3 })
})

test('a refusal is the newest word of an image that was allowed before', async () => {
  repository.write('src/flaw.js', 'debugger\n')
  expect((await repository.run()).exitCode).toBe(1)
  const { admitted, refused } = await json('verify')
  expect(admitted).toBe(false)
  expect(refused.map(({ code }: { code: string }) => code)).toContain('verdict-refused')
  rmSync(join(repository.root, 'src/flaw.js'))
  expect((await repository.run()).exitCode).toBe(0)
  const again = await json('verify')
  expect(again.admitted).toBe(true)
  // What was signed before is not kept beside it.
  expect(again.proven.filter(({ what }: { what: string }) => what.startsWith('verdict'))).toHaveLength(1)
})

test('a lock that is not what the config asks for builds nothing', async () => {
  const packages = ['base-files', 'ca-certificates', 'gcc-14-base', 'libatomic1', 'libc6', 'libgcc-s1', 'libstdc++6', 'netbase'].map((name) => ({ name, version: '1', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64', source: name, sourceVersion: '1', suite: 'trixie', path: `pool/main/x/${name}/${name}_1_amd64.deb`, size: 1, sha256: '0'.repeat(64) }))
  const release = (codename: string) => ({ codename, date: '2026-11-21T09:15:44Z', signedBy: ['0'.repeat(40)] })
  repository.write('shiplock.image.lock', JSON.stringify({ lockVersion: 1, suite: 'trixie', releases: [release('trixie'), release('trixie-security')], packages: { [process.arch === 'arm64' ? 'arm64' : 'amd64']: packages } }))
  expect(await repository.shiplock(['image', 'build'])).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('The lock lacks tzdata') })
  rmSync(join(repository.root, 'shiplock.image.lock'))
})

test('an image is built twice to the same bytes', async () => {
  expect(await repository.shiplock(['image', 'build', '--check-reproducible'])).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('Reproducible: built twice') })
})
