import type { Digest } from '../digest.ts'
import type { Statement } from '../statement/statement.ts'

/** A statement on the image at hand that somebody trusted made. */
export interface Attestation {
  /** The position in `bundles`. */
  readonly bundle: number
  readonly statement: Statement
  /** sha256 of the payload: what a revocation names. */
  readonly payload: Digest
  /** Who signed, for a person. */
  readonly by: string
  /** When a log saw the signature; absent for a key, whose holder's word is taken. */
  readonly loggedAt?: Date
  /** When what is stated was so, by the statement's own account. */
  readonly statedAt?: Date
  /** Whether the statement names this manifest, or only the configuration in it. */
  readonly names: 'manifest' | 'content'
}

/** The time that counts for its age. */
export const timeOf = ({ statedAt, loggedAt }: Attestation): Date | undefined => statedAt ?? loggedAt
