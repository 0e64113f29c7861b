import { isSameComponent, type WaiverEntry } from '@shiplock/findings'
import { nodeSupport } from '@shiplock/image'
import type { Sbom } from '../sbom/sbom-document.ts'
import { matchComponents, type AdvisorySource } from './match-components.ts'
import type { AskedSource, NotMatched, Vulnerability } from './vulnerability.ts'

/** An image that runs, by its SBOM. */
export interface Running {
  /** How people call it: a service, or a revision of one. */
  readonly name: string
  /** Of its manifest. */
  readonly digest: string
  readonly sbom: Sbom
  /** What was known of it when it was admitted, so that what is more is new. */
  readonly known: readonly KnownVulnerability[]
}

export interface KnownVulnerability {
  readonly purl: string
  /** Its id, or any of its aliases. */
  readonly advisory: string
}

export interface RescanRequest {
  readonly running: readonly Running[]
  readonly sources: readonly AdvisorySource[]
  readonly waivers: readonly WaiverEntry[]
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface WaivedVulnerability {
  readonly vulnerability: Vulnerability
  readonly waiver: WaiverEntry
}

export interface RescannedImage {
  readonly name: string
  readonly digest: string
  /** Published, or matched, since the image was admitted, and not waived. */
  readonly fresh: readonly Vulnerability[]
  /** Of a waiver that is over: they count again. */
  readonly lapsed: readonly WaivedVulnerability[]
  /** It was there already, and not waived. */
  readonly known: readonly Vulnerability[]
  readonly waived: readonly WaivedVulnerability[]
  /** Runtimes that get no fixes any more. */
  readonly unsupported: readonly { readonly name: string; readonly version: string; readonly endOfLife: string }[]
  readonly notMatched: readonly NotMatched[]
  /** What its SBOM says that it does not tell. */
  readonly unread: readonly string[]
}

export interface RescanReport {
  readonly images: readonly RescannedImage[]
  readonly sources: readonly AskedSource[]
  /** Whether anything has to be done that did not have to be done before. */
  readonly isActionNeeded: boolean
}

/** What is known by now of what runs: pure, so that the same documents give the same report. */
export function rescan({ running, sources, waivers, now }: RescanRequest): RescanReport {
  const today = new Date(now).toISOString().slice(0, 10)
  const asked = new Map<string, AskedSource>()
  const images = running.map(({ name, digest, sbom, known }): RescannedImage => {
    const report = matchComponents(sbom, sources, now)
    for (const source of report.sources) asked.set(source.name, { ...source, components: source.components + (asked.get(source.name)?.components ?? 0) })
    const sorted = { fresh: new Array<Vulnerability>(), lapsed: new Array<WaivedVulnerability>(), known: new Array<Vulnerability>(), waived: new Array<WaivedVulnerability>() }
    for (const vulnerability of report.vulnerabilities) {
      const covering = waivers.filter((waiver) => covers(waiver, vulnerability))
      // A waiver holds on its last day.
      const valid = covering.find(({ expires }) => expires >= today)
      const [lapsed] = covering
      if (valid) sorted.waived.push({ vulnerability, waiver: valid })
      else if (lapsed) sorted.lapsed.push({ vulnerability, waiver: lapsed })
      else if (known.some((it) => isKnown(it, vulnerability))) sorted.known.push(vulnerability)
      else sorted.fresh.push(vulnerability)
    }
    return { name, digest, ...sorted, unsupported: unsupportedOf(sbom, now), notMatched: report.notMatched, unread: sbom.unread }
  })
  return { images, sources: [...asked.values()], isActionNeeded: images.some(({ fresh, lapsed, unsupported }) => fresh.length + lapsed.length + unsupported.length > 0) }
}

const idsOf = ({ id, aliases }: Vulnerability) => [id, ...aliases]

/** An entry covers one flaw of one component, both by name: as the policy reads it, without a flaw it covers none. */
const covers = ({ purl, advisory }: WaiverEntry, vulnerability: Vulnerability): boolean => purl !== undefined && advisory !== undefined && vulnerability.component.purl !== undefined && isSameComponent(plain(purl), plain(vulnerability.component.purl)) && idsOf(vulnerability).includes(advisory)

const isKnown = ({ purl, advisory }: KnownVulnerability, vulnerability: Vulnerability) => vulnerability.component.purl !== undefined && plain(purl) === plain(vulnerability.component.purl) && idsOf(vulnerability).includes(advisory)

/** Without what qualifies it, and the scope of a name as people write it: architecture and distribution are not what they write down. */
const plain = (purl: string) => (purl.split(/[?#]/, 1)[0] ?? purl).replaceAll(/%40/gi, '@')

function unsupportedOf({ components }: Sbom, now: number): RescannedImage['unsupported'] {
  return components.flatMap(({ name, version, purl }) => {
    if (purl === undefined || plain(purl) !== `pkg:generic/node@${version}`) return []
    const support = nodeSupport(version, new Date(now))
    return support.kind === 'end-of-life' ? [{ name, version, endOfLife: support.endOfLife }] : []
  })
}
