import type { Location } from './finding.ts'

/** Why a finding does not count, on whose word and until when. */
export interface Waiver {
  /** A comment in the code, or an entry of `shiplock.waivers.yaml`. */
  readonly kind: 'comment' | 'file'
  /** Absent only for a `nosec` that names its rule and no reason. */
  readonly reason?: string
  readonly owner?: string
  /** The last day on which it holds, `YYYY-MM-DD`. */
  readonly expires?: string
  /** Where it is written. */
  readonly location: Location
}

/** An entry of `shiplock.waivers.yaml`. It covers one rule, and only at the path or of the component that it names. */
export interface WaiverEntry {
  readonly rule: string
  /** A pattern: `*` and `?` within a name, `**` for any folders. */
  readonly path?: string
  /** With a version it covers that version, without one all of them. */
  readonly purl?: string
  /** Narrows it to one finding. */
  readonly fingerprint?: string
  readonly reason: string
  readonly owner: string
  readonly expires: string
  readonly line: number
}
