/** A key that may sign a suite: the primary key's fingerprint, which is what is pinned, and the certificate that has it. */
export interface PinnedKey {
  /** 40 hex digits in upper case. */
  readonly fingerprint: string
  /** ASCII armour, RFC 9580 section 6.2. */
  readonly armored: string
}
