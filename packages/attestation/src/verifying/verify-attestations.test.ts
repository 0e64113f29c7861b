import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { hintOf } from '../key-id.ts'
import { attest } from '../signing/signer.ts'
import { localSigner, type LocalSigner } from '../signing/local-signer.ts'
import { builders } from '../statement/provenance.ts'
import { sbomStatement } from '../statement/sbom.ts'
import { predicateTypes } from '../statement/statement.ts'
import { testResultStatement, type TestResult } from '../statement/test-result.ts'
import { vulnerabilityStatement } from '../statement/vulnerability-report.ts'
import { codesOf, digestOf, image, minutesAgo, newSigner, now, passed, payloadOf, provenance, signRaw, tamper, trustIn, verdict, verify } from '../testing/rig.ts'
import type { Trust } from './trust.ts'

let ours: LocalSigner
let theirs: LocalSigner
let trust: Trust
let good: readonly Uint8Array[]

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'shiplock-keys-'))
  ours = await localSigner(join(directory, 'ours'))
  theirs = await localSigner(join(directory, 'theirs'))
  trust = trustIn([ours])
  good = [await provenance(ours), await verdict(ours)]
  return () => rmSync(directory, { recursive: true })
})

const statementText = (): string => new TextDecoder().decode(payloadOf(good[0]!))

describe('an image', () => {
  test('with provenance and an allowing verdict by a trusted key is admitted, with a line for each thing proven', async () => {
    const verification = await verify(trust, good)
    expect(verification).toMatchObject({ admitted: true, refused: [], ignored: [], warnings: [] })
    expect(verification.proven).toEqual([
      { what: `provenance: built by "${builders.local}" from commit "${'a'.repeat(40)}" of "git+https://github.com/acme/todo@refs/heads/main", 3 inputs`, by: 'local key "key 0"', at: '2026-11-27T11:58:00.000Z' },
      { what: 'verdict: allowed for "todo", 2 of 2 checks passed', by: 'local key "key 0"', at: '2026-11-27T11:59:00.000Z' },
    ])
  })

  test('without any attestation is refused as unsigned, and told what is missing', async () => {
    expect(codesOf(await verify(trust, []))).toEqual(['unsigned', 'predicate-missing', 'predicate-missing'])
  })

  test('that only strangers vouch for is refused, and they are named', async () => {
    const verification = await verify(trust, [await provenance(theirs), await verdict(theirs)])
    expect(codesOf(verification)).toEqual(['stranger', 'stranger', 'predicate-missing', 'predicate-missing'])
    expect(verification.proven).toEqual([])
  })

  test('with attestations of strangers beside the trusted ones is admitted, and theirs count for nothing', async () => {
    const verification = await verify(trust, [...good, await verdict(theirs, { decision: 'refused' })])
    expect(verification).toMatchObject({ admitted: true, ignored: [{ code: 'stranger', bundle: 2 }] })
    expect(verification.proven).toHaveLength(2)
  })

  test('of another digest is refused, whatever the tag in between says', async () => {
    const verification = await verify(trust, good, { digest: digestOf('another manifest') })
    expect(codesOf(verification)).toEqual(['wrong-subject', 'wrong-subject', 'predicate-missing', 'predicate-missing'])
    const other = await provenance(ours, {}, { name: 'todo', digest: digestOf('another manifest') })
    expect(codesOf(await verify(trust, [...good, other]))).toEqual(['wrong-subject'])
  })

  test('whose digest differs only in algorithm is refused', async () => {
    const statement = { ...JSON.parse(statementText()), subject: [{ digest: { sha512_256: image.digest.slice('sha256:'.length) } }] }
    expect(codesOf(await verify(trust, [await signRaw(ours, JSON.stringify(statement)), good[1]!]))).toContain('wrong-subject')
  })

  test('that was revoked is refused with everything proven', async () => {
    const revoking = trustIn([ours], { revoked: { images: [image.digest] } })
    expect(codesOf(await verify(revoking, good))).toEqual(['revoked'])
    expect(codesOf(await verify(revoking, good, { admittedBefore: true }))).toEqual(['revoked'])
  })
})

test('more bundles than anybody needs are not even read', async () => {
  const verification = await verify(trust, Array.from({ length: 501 }, () => good[0]!))
  expect(verification).toMatchObject({ admitted: false, refused: [{ code: 'too-large' }], proven: [] })
})

test('to verify by a tag, or at no time, is a bug of the caller', async () => {
  await expect(verify(trust, good, { digest: 'todo:latest' as typeof image.digest })).rejects.toThrow(TypeError)
  await expect(verify(trust, good, { now: new Date('never') })).rejects.toThrow(TypeError)
})

describe('the verdict', () => {
  const provenanceAnd = async (...facts: Parameters<typeof verdict>[1][]): Promise<readonly Uint8Array[]> => [good[0]!, ...(await Promise.all(facts.map(async (it) => verdict(ours, it))))]

  test('must be there', async () => {
    expect(codesOf(await verify(trust, [good[0]!]))).toEqual(['predicate-missing'])
  })

  test.each(['refused', 'undecided'] as const)('that is %s keeps the image out', async (decision) => {
    const bundles = await provenanceAnd({ decision, reasons: ['sast: 1 finding\u001b[2J'] })
    const verification = await verify(trust, bundles)
    expect(codesOf(verification)).toEqual(['verdict-refused'])
    expect(verification.refused[0]?.text).toContain('\\u001b[2J')
  })

  test('that is provisional is good for the local target, loudly', async () => {
    const verification = await verify(trust, await provenanceAnd({ decision: 'provisional', reasons: ['no advisories'] }))
    expect(verification).toMatchObject({ admitted: true, warnings: [expect.stringContaining('provisional')] })
  })

  test('that lacks a required check, did not carry it out or did not pass it keeps the image out', async () => {
    const check = passed('sast')
    const cases: [string, Parameters<typeof verdict>[1]][] = [
      ['says nothing of', { checks: [passed('secrets')] }],
      ['was not carried out (skipped)', { checks: [passed('secrets'), { ...check, outcome: 'skipped' }] }],
      ['was not carried out (failed)', { checks: [passed('secrets'), { ...check, outcome: 'failed' }] }],
      ['did not pass (refuse)', { checks: [passed('secrets'), { ...check, decision: 'refuse' }] }],
      ['did not pass (undecided)', { checks: [passed('secrets'), { ...check, decision: 'undecided' }] }],
    ]
    for (const [text, facts] of cases) {
      const { refused } = await verify(trust, await provenanceAnd(facts))
      expect(refused, text).toMatchObject([{ code: 'check-missing', text: expect.stringContaining(text) }])
    }
  })

  test('of another judge, or for another service, is none', async () => {
    expect(codesOf(await verify(trust, await provenanceAnd({ verifier: 'https://elsewhere.example/gate' })))).toEqual(['wrong-verifier'])
    expect(codesOf(await verify(trust, await provenanceAnd({ resourceUri: 'preview of todo' })))).toEqual(['wrong-resource'])
  })

  test('for another service beside it does not matter', async () => {
    expect(await verify(trust, await provenanceAnd({}, { resourceUri: 'preview', decision: 'refused', timeVerified: now }))).toMatchObject({ admitted: true })
  })

  test('that is too old keeps the image out', async () => {
    expect(codesOf(await verify(trust, await provenanceAnd({ timeVerified: minutesAgo(61) })))).toEqual(['too-old'])
    expect(await verify(trust, await provenanceAnd({ timeVerified: minutesAgo(60) }))).toMatchObject({ admitted: true })
  })

  test('that is too old is no hindrance to an image that was admitted before, loudly', async () => {
    const verification = await verify(trust, await provenanceAnd({ timeVerified: minutesAgo(61) }), { admittedBefore: true })
    expect(verification).toMatchObject({ admitted: true, warnings: [expect.stringContaining('60 s older than the 3600 s')] })
  })

  test('of tomorrow is refused, and a clock that is a little wrong is not', async () => {
    expect(codesOf(await verify(trust, await provenanceAnd({ timeVerified: minutesAgo(-6) })))).toEqual(['from-the-future', 'predicate-missing'])
    expect(await verify(trust, await provenanceAnd({ timeVerified: minutesAgo(-4) }))).toMatchObject({ admitted: true })
  })

  test('that is newest counts: an earlier permission shown beside it does not', async () => {
    const refusal = { decision: 'refused', timeVerified: minutesAgo(1) } as const
    const permission = { timeVerified: minutesAgo(2) }
    expect(codesOf(await verify(trust, await provenanceAnd(permission, refusal)))).toEqual(['verdict-refused'])
    expect(codesOf(await verify(trust, await provenanceAnd(refusal, permission)))).toEqual(['verdict-refused'])
    expect(await verify(trust, await provenanceAnd({ ...refusal, timeVerified: minutesAgo(3) }, permission))).toMatchObject({ admitted: true })
  })

  test('of the same moment as another one is not chosen: both must allow', async () => {
    expect(codesOf(await verify(trust, await provenanceAnd({}, { decision: 'refused' })))).toEqual(['verdict-refused'])
    expect(codesOf(await verify(trust, await provenanceAnd({ decision: 'refused' }, {})))).toEqual(['verdict-refused'])
  })

  test('whose decision and result do not agree is no verdict', async () => {
    const text = new TextDecoder().decode(payloadOf(await verdict(ours, { decision: 'refused' })))
    const forged = text.replace('"verificationResult":"FAILED"', '"verificationResult":"PASSED"').replace('["FAILED"]', '["SLSA_BUILD_LEVEL_1"]')
    expect(codesOf(await verify(trust, [...good, await signRaw(ours, forged)]))).toEqual(['statement-invalid'])
  })
})

describe('a target in the cloud', () => {
  const cloudly = (changes: object = {}): Trust => trustIn([], { target: 'cloud', identities: [{ kind: 'kms-key', name: 'release', publicKey: ours.publicKey }], ...changes })

  test('admits by a KMS key', async () => {
    expect(await verify(cloudly(), good)).toMatchObject({ admitted: true })
  })

  test('does not take a local key, even where the policy was put together by hand', async () => {
    const forged: Trust = { ...trust, target: 'cloud' }
    expect(await verify(forged, good)).toMatchObject({ admitted: false, proven: [] })
  })

  test('does not take a provisional verdict', async () => {
    const bundles = [good[0]!, await verdict(ours, { decision: 'provisional' })]
    expect(codesOf(await verify(cloudly(), bundles))).toEqual(['verdict-provisional'])
  })
})

describe('a key', () => {
  const withKey = (changes: object): Trust => trustIn([], { identities: [{ kind: 'local-key', name: 'laptop', publicKey: ours.publicKey, ...changes }] })

  test('that was revoked proves nothing', async () => {
    const verification = await verify(trustIn([ours], { revoked: { keys: [ours.keyId] } }), good)
    expect(codesOf(verification)).toEqual(['revoked', 'revoked', 'predicate-missing', 'predicate-missing'])
  })

  test('proves nothing before it is valid nor after', async () => {
    expect(codesOf(await verify(withKey({ validFrom: '2026-11-27T12:00:01Z' }), good))).toContain('stranger')
    expect(codesOf(await verify(withKey({ validUntil: '2026-11-27T11:59:59Z' }), good))).toContain('stranger')
    expect(await verify(withKey({ validFrom: '2026-11-27T12:00:00Z', validUntil: '2026-11-27T12:00:00Z' }), good)).toMatchObject({ admitted: true })
  })

  test('states only what it is trusted to state', async () => {
    const verification = await verify(withKey({ states: ['https://slsa.dev/provenance/v1'] }), good)
    expect(codesOf(verification)).toEqual(['predicate-missing'])
    expect(verification.ignored).toMatchObject([{ code: 'stranger', bundle: 1 }])
  })

  test('is taken by its place in the policy, not by a list that anybody could bring', async () => {
    const stranger = await newSigner()
    const listed = tamper(await provenance(stranger), (it) => { it.verificationMaterial['publicKey'] = { hint: hintOf(stranger.keyId), publicKey: stranger.publicKey } as { hint: string } })
    expect((await verify(trust, [...good, listed])).ignored).toMatchObject([{ code: 'stranger' }])
  })
})

describe('a statement', () => {
  test('that was revoked counts for nothing, in any wrapping', async () => {
    const again = await provenance(ours)
    expect(again).not.toEqual(good[0])
    const revoking = trustIn([ours], { revoked: { statements: [digestOf(payloadOf(good[0]!))] } })
    for (const bundle of [good[0]!, again]) {
      const verification = await verify(revoking, [bundle, good[1]!])
      expect(codesOf(verification)).toEqual(['predicate-missing'])
      expect(verification.ignored).toMatchObject([{ code: 'revoked', bundle: 0 }])
    }
  })

  test('of an older kind does not stand for the one that is required', async () => {
    const older = new TextDecoder().decode(payloadOf(good[1]!)).replace('verification_summary/v1', 'verification_summary/v0.2')
    expect(codesOf(await verify(trust, [good[0]!, await signRaw(ours, older)]))).toEqual(['predicate-missing'])
  })

  test('that tests failed keeps the image out where test results are required, unless a newer one says otherwise', async () => {
    const requiring = trustIn([ours], { requires: [{ predicateType: predicateTypes.testResult }] })
    const result = async (word: TestResult['result']) => attest(ours, testResultStatement(image, { result: word, configuration: [] }))
    expect(await verify(requiring, [...good, await result('PASSED')])).toMatchObject({ admitted: true })
    expect(codesOf(await verify(requiring, [...good, await result('FAILED')]))).toEqual(['tests-failed'])
    expect(codesOf(await verify(requiring, [...good, await result('PASSED'), await result('FAILED')]))).toEqual(['tests-failed'])
  })

  test('on vulnerabilities is as old as the data that it rests on', async () => {
    const requiring = trustIn([ours], { requires: [{ predicateType: predicateTypes.vulnerabilities, maxAge: 3600 }] })
    const report = async (lastUpdate: Date, scanFinishedOn = minutesAgo(1)) => attest(ours, vulnerabilityStatement(image, {
      scanner: { uri: 'https://scanner.example/', db: { lastUpdate: lastUpdate.toISOString() }, result: [] }, metadata: { scanStartedOn: minutesAgo(5000).toISOString(), scanFinishedOn: scanFinishedOn.toISOString() },
    }))
    expect(await verify(requiring, [...good, await report(minutesAgo(59))])).toMatchObject({ admitted: true })
    expect(codesOf(await verify(requiring, [...good, await report(minutesAgo(61))]))).toEqual(['too-old'])
    expect(codesOf(await verify(requiring, [...good, await report(minutesAgo(0), minutesAgo(61))]))).toEqual(['too-old'])
  })

  test('of a kind that nobody asked for is told, and stands for none that was', async () => {
    const sbom = await attest(ours, sbomStatement(image, { bomFormat: 'CycloneDX', specVersion: '1.6', components: [{}, {}] }))
    const verification = await verify(trust, [good[1]!, sbom])
    expect(codesOf(verification)).toEqual(['predicate-missing'])
    expect(verification.proven.map(({ what }) => what)).toContain('SBOM: CycloneDX 1.6, 2 components')
  })

  test('that may not be old and does not say how old it is counts as too old', async () => {
    const requiring = trustIn([ours], { requires: [{ predicateType: 'https://cyclonedx.org/bom', maxAge: 60 }] })
    const sbom = await attest(ours, sbomStatement(image, { bomFormat: 'CycloneDX', specVersion: '1.6' }))
    expect(codesOf(await verify(requiring, [...good, sbom]))).toEqual(['too-old'])
  })
})

describe('provenance', () => {
  test('of a builder that is not trusted is refused', async () => {
    const strict = trustIn([ours], { provenance: { builders: [builders.githubHosted] } })
    expect(codesOf(await verify(strict, good))).toEqual(['wrong-builder'])
    expect(await verify(strict, [await provenance(ours, { builder: builders.githubHosted }), good[1]!])).toMatchObject({ admitted: true })
  })

  test('from another repository is refused, also from one whose name only begins alike', async () => {
    const strict = trustIn([ours], { provenance: { sources: ['git+https://github.com/acme/todo'] } })
    expect(await verify(strict, good)).toMatchObject({ admitted: true })
    for (const repository of ['git+https://github.com/acme/todo-fork', 'git+https://github.com/evil/todo', undefined]) {
      const elsewhere = await provenance(ours, { source: { ...(repository === undefined ? {} : { repository }), commit: 'a'.repeat(40) } })
      expect(codesOf(await verify(strict, [elsewhere, good[1]!]))).toEqual(['wrong-source'])
    }
  })

  test('must be there where its builder is prescribed', async () => {
    const strict = trustIn([ours], { requires: [], provenance: { builders: [builders.local] } })
    expect(codesOf(await verify(strict, [good[1]!]))).toEqual(['predicate-missing'])
  })
})

describe('an image whose layers somebody packed anew', () => {
  const repacked = { digest: digestOf('manifest of another registry'), ...(image.content && { content: image.content }) }

  test('is another image, unless the policy accepts it', async () => {
    expect(codesOf(await verify(trust, good, repacked))).toContain('wrong-subject')
  })

  test('is known by its configuration and what its layers unpack to, loudly', async () => {
    const verification = await verify(trustIn([ours], { acceptsRecompressed: true }), good, repacked)
    expect(verification).toMatchObject({ admitted: true, warnings: [expect.stringContaining('anew'), expect.stringContaining('anew')] })
  })

  test.each([
    ['another configuration', { config: digestOf('with NODE_OPTIONS'), diffIds: image.content!.diffIds }],
    ['another layer', { config: image.content!.config, diffIds: [digestOf('layer 1'), digestOf('another layer')] }],
    ['a layer less', { config: image.content!.config, diffIds: [digestOf('layer 1')] }],
    ['a layer more', { config: image.content!.config, diffIds: [...image.content!.diffIds, digestOf('layer 3')] }],
    ['no layers', { config: image.content!.config, diffIds: [] }],
    ['its layers in another order', { config: image.content!.config, diffIds: image.content!.diffIds.toReversed() }],
  ])('with %s is another image', async (_, content) => {
    const verification = await verify(trustIn([ours], { acceptsRecompressed: true }), good, { ...repacked, content })
    expect(codesOf(verification)).toContain('wrong-subject')
  })
})
