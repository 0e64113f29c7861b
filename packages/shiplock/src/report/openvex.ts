import { createHash } from 'node:crypto'
import type { AdvisoryName, Finding, RunRecord, Subject, Waiver } from '@shiplock/findings'

/** A document of OpenVEX 0.2.0: what its statements leave out, it says for all of them. */
interface Document {
  readonly '@context': 'https://openvex.dev/ns/v0.2.0'
  readonly '@id': string
  readonly author: string
  readonly timestamp: string
  readonly version: 1
  readonly tooling: string
  readonly statements: readonly Statement[]
}

interface Statement {
  readonly vulnerability: { readonly '@id'?: string; readonly name: string; readonly aliases?: readonly string[] }
  readonly products: readonly Product[]
  readonly status: 'affected' | 'not_affected' | 'under_investigation'
  readonly justification?: string
  readonly impact_statement?: string
  readonly action_statement?: string
  readonly status_notes?: string
}

interface Product {
  readonly '@id': string
  readonly identifiers: { readonly purl: string }
  readonly subcomponents: readonly { readonly '@id': string; readonly identifiers: { readonly purl: string } }[]
}

interface WaivedVulnerability {
  readonly advisory: AdvisoryName
  readonly purl: string
  readonly waiver: Waiver
  readonly fix: string | undefined
}

/**
 * What the waivers say of known vulnerabilities, for others to read; undefined where none is waived, since OpenVEX has no
 * document without a statement. What is stated is about what was looked at: a package is a component of it, and may well be
 * affected elsewhere. `timestamp` is when the document is issued; all else follows from the record.
 */
export function renderOpenVex({ stages, subjects, tool }: RunRecord, timestamp: string): string | undefined {
  const waived = stages.flatMap(({ outcome }) => (outcome?.kind === 'completed' ? outcome.findings.flatMap(waivedVulnerability) : []))
  if (waived.length === 0) return undefined
  const products = subjects.flatMap(productOf)
  const byStatement = Map.groupBy(waived, (one) => JSON.stringify(claimOf(one)))
  const statements = [...byStatement.values()].flatMap(([first, ...others]) => (first ? [statementOf(first, [first, ...others].map(({ purl }) => purl), products)] : []))
  const body = {
    author: [...new Set(waived.flatMap(({ waiver }) => waiver.owner ?? []))].toSorted().join(', ') || 'the owners of the repository',
    timestamp,
    version: 1,
    tooling: `shiplock/${tool.version}`,
    statements: statements.toSorted((a, b) => compareText(keyOf(a), keyOf(b))),
  } as const
  const id = createHash('sha256').update(JSON.stringify(body)).digest('hex')
  return `${JSON.stringify({ '@context': 'https://openvex.dev/ns/v0.2.0', '@id': `https://shiplock.dev/vex/${id}`, ...body } satisfies Document, undefined, 2)}\n`
}

const waivedVulnerability = ({ advisory, purl, waiver, fix }: Finding): WaivedVulnerability[] => (advisory && purl !== undefined && waiver ? [{ advisory, purl, waiver, fix }] : [])

function statementOf(waived: WaivedVulnerability, purls: readonly string[], products: readonly string[]): Statement {
  const subcomponents = [...new Set(purls)].toSorted().map((purl) => ({ '@id': purl, identifiers: { purl } }))
  const { vulnerability, ...claim } = claimOf(waived)
  return { vulnerability, products: products.map((purl) => ({ '@id': purl, identifiers: { purl }, subcomponents })), ...claim }
}

/** All but where. A reason alone says that the flaw is accepted: that is no claim that it does no harm. */
function claimOf({ advisory: { id, aliases, url }, waiver, fix }: WaivedVulnerability): Omit<Statement, 'products'> {
  const { reason = 'no reason is given', owner, expires, vex = { status: 'affected' } } = waiver
  const vulnerability = { ...(url !== undefined && { '@id': url }), name: id, ...(aliases.length > 0 && { aliases: [...new Set(aliases)].toSorted() }) }
  switch (vex.status) {
    case 'not_affected':
      return { vulnerability, status: vex.status, ...(vex.justification && { justification: vex.justification }), impact_statement: reason }
    case 'under_investigation':
      return { vulnerability, status: vex.status, status_notes: reason }
    case 'affected': {
      const accepted = `Accepted${expires === undefined ? '' : ` until ${expires}`}${owner === undefined ? '' : ` by ${owner}`}: ${reason}`
      return { vulnerability, status: vex.status, action_statement: fix === undefined ? accepted : `${accepted}\n${fix}` }
    }
  }
}

/** What was looked at, as a package URL: the image by its digest, the source by its commit where it is that commit. */
function productOf(subject: Subject): string[] {
  switch (subject.kind) {
    case 'image':
      return [`pkg:oci/${encodeURIComponent(nameOf(subject.reference))}@${encodeURIComponent(subject.digest)}`]
    case 'tree':
      return [subject.commit === undefined || subject.dirty === true ? `pkg:generic/source?checksum=${subject.digest}` : `pkg:generic/source@${subject.commit}?checksum=${subject.digest}`]
    case 'revision':
      // It runs the image.
      return []
  }
}

/** The last part of a reference, without tag and digest. */
const nameOf = (reference = 'image') => /([^/@:]+)(?::[^/@]*)?(?:@.*)?$/.exec(reference)?.[1]?.toLowerCase() ?? 'image'

const keyOf = ({ vulnerability, status, products }: Statement) => JSON.stringify([vulnerability.name, status, products])

/** By code unit: the same order on every machine. */
const compareText = (a: string, b: string) => (a < b ? -1 : Number(a > b))
