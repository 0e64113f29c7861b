import type { Location } from './finding.ts'

/** What may be said of a vulnerability that is waived, as OpenVEX 0.2.0 spells it; what was found is not `fixed`. */
export const vexStatuses = ['affected', 'not_affected', 'under_investigation'] as const
export type VexStatus = (typeof vexStatuses)[number]

/** Why a product is `not_affected`, as OpenVEX 0.2.0 spells it. */
export const vexJustifications = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
] as const
export type VexJustification = (typeof vexJustifications)[number]

/** What whoever waives a vulnerability says of it to others. */
export interface VexClaim {
  readonly status: VexStatus
  readonly justification?: VexJustification
}

/** Why a finding does not count, on whose word and until when. */
export interface Waiver {
  /** A comment in the code, an entry of `shiplock.waivers.yaml`, or the approval of a code owner. */
  readonly kind: 'comment' | 'file' | 'approval'
  /** Absent only for a `nosec` that names its rule and no reason. */
  readonly reason?: string
  readonly owner?: string
  /** The last day on which it holds, `YYYY-MM-DD`. */
  readonly expires?: string
  /** Absent where it only says that the flaw is accepted. */
  readonly vex?: VexClaim
  /** Where it is written. */
  readonly location: Location
}

/** An entry of `shiplock.waivers.yaml`. It covers one rule, and only at the path or of the component that it names. */
export interface WaiverEntry {
  readonly rule: string
  /** A pattern: `*` and `?` within a name, `**` for any folders. `.` alone is what is about no file. */
  readonly path?: string
  /** With a version it covers that version, without one all of them. */
  readonly purl?: string
  /** The one flaw of a component that it covers, by any of its names. Without it, or a fingerprint, it covers no advisory. */
  readonly advisory?: string
  /** Narrows it to one finding. */
  readonly fingerprint?: string
  readonly reason: string
  readonly owner: string
  readonly expires: string
  readonly vex?: VexClaim
  readonly line: number
}

/** Without a version a package URL names every version; qualifiers say where it came from, not what it is. */
export function isSameComponent(named: string, found: string): boolean {
  const [plain = ''] = found.split(/[?#]/)
  return named === plain || named === found || named === plain.replace(/(?<=.)@[^@/]*$/, '')
}
