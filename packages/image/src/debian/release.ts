import type { CleartextMessage } from 'openpgp'
import { ImageError, quote } from '../error.ts'
import { parseParagraph, requiredField, type Paragraph } from './control.ts'
import type { ArchiveSuite } from './suites.ts'

/** A file that a Release vouches for. */
export interface ReleaseFile {
  /** 64 lower-case hex digits. */
  readonly sha256: string
  /** Bytes. */
  readonly size: number
}

/** A Release whose signature, name and dates were found right. */
export interface Release {
  readonly codename: string
  /** When the archive was published: RFC 3339, UTC, whole seconds. */
  readonly date: string
  /** Fingerprints of the pinned keys that signed it. */
  readonly signedBy: readonly string[]
  readonly byHash: boolean
  readonly architectures: readonly string[]
  /** By path below `dists/CODENAME/`. */
  readonly files: ReadonlyMap<string, ReleaseFile>
}

export interface ReleaseRules {
  readonly suite: ArchiveSuite
  readonly now: Date
  /** The date of the Release that was believed last, RFC 3339: nothing older is. */
  readonly notBefore?: string | undefined
}

const dayMs = 24 * 60 * 60 * 1000
/** Clocks of builders go wrong by hours, seldom by a day. */
const clockToleranceMs = dayMs
const maxFiles = 100_000

/**
 * Reads an InRelease and believes it only where a pinned key signed it, where it is the suite that was asked for and where
 * its date is right. Errors: `archive-unsigned`, `archive-invalid`, `archive-outdated`, `archive-replayed`.
 */
export async function verifyRelease(inRelease: string, { suite, now, notBefore }: ReleaseRules): Promise<Release> {
  const what = `The Release of ${suite.codename}`
  const { text, signedBy } = await signedText(inRelease, { suite, now, what })
  const fields = parseParagraph(text, 'archive-invalid', what)
  checkName(fields, suite, what)
  const date = dateOf(requiredField(fields, 'Date', 'archive-invalid', what), what)
  checkDates({ date, validUntil: fields.get('valid-until'), suite, now, what })
  const stamp = date.toISOString().replace('.000Z', 'Z')
  if (notBefore !== undefined && stamp < notBefore) {
    throw new ImageError('archive-replayed', `${what} is of ${stamp}, older than that of ${notBefore} which was seen before`, {
      hint: 'The mirror is behind or shows an old state on purpose. Use another one.',
    })
  }
  return {
    codename: suite.codename,
    date: stamp,
    signedBy,
    byHash: fields.get('acquire-by-hash') === 'yes',
    architectures: requiredField(fields, 'Architectures', 'archive-invalid', what).split(/\s+/),
    files: filesOf(fields, what),
  }
}

/** The text that pinned keys signed, and which of them: nothing outside of the signed text is looked at. */
async function signedText(
  inRelease: string,
  { suite, now, what }: { readonly suite: ArchiveSuite; readonly now: Date; readonly what: string },
): Promise<{ readonly text: string; readonly signedBy: readonly string[] }> {
  // Loaded when it is needed: most runs verify nothing, and it takes longer to load than all the rest.
  const { readKey, verify } = await import('openpgp')
  const message = await readMessage(inRelease, what)
  const signedBy: string[] = []
  const reasons: string[] = []
  for (const { fingerprint, armored } of suite.keys) {
    const key = await readKey({ armoredKey: armored })
    if (key.getFingerprint().toUpperCase() !== fingerprint) throw new TypeError(`The pinned key ${fingerprint} is another one`)
    const { signatures } = await verify({ message, verificationKeys: key, date: new Date(now.getTime() + clockToleranceMs) })
    const results = await Promise.allSettled(signatures.map(({ verified }) => verified))
    if (results.some((result) => result.status === 'fulfilled')) signedBy.push(fingerprint)
    else reasons.push(...results.map((result) => (result.status === 'rejected' && result.reason instanceof Error ? result.reason.message : '')))
  }
  if (signedBy.length === 0) {
    const reason = reasons.find((text) => !text.startsWith('Could not find signing key')) ?? 'none of its signatures is by one of them'
    throw new ImageError('archive-unsigned', `${what} has no valid signature by a key that is pinned for it: ${reason}`, {
      hint: 'The mirror was tampered with or is not Debian\'s. Use another one.',
    })
  }
  return { text: message.getText(), signedBy }
}

async function readMessage(inRelease: string, what: string): Promise<CleartextMessage> {
  const { readCleartextMessage } = await import('openpgp')
  try {
    return await readCleartextMessage({ cleartextMessage: inRelease })
  } catch (cause) {
    throw new ImageError('archive-unsigned', `${what} is no signed text (RFC 9580, section 7)`, { cause })
  }
}

function checkName(fields: Paragraph, { codename, mirrors }: ArchiveSuite, what: string): void {
  const found = requiredField(fields, 'Codename', 'archive-invalid', what)
  const suite = requiredField(fields, 'Suite', 'archive-invalid', what)
  const origin = requiredField(fields, 'Origin', 'archive-invalid', what)
  const suites = mirrors === 'security' ? /^(?:old)*stable-security$/ : /^(?:old)*stable$/
  if (found === codename && suites.test(suite) && origin === 'Debian') return
  throw new ImageError('archive-invalid', `${what} is that of another suite: ${quote(`${origin} ${suite} ${found}`)}`)
}

/** RFC 5322 with `UTC` for the zone, as the archive writes it. */
function dateOf(text: string, what: string): Date {
  const date = new Date(text)
  const isWellFormed = /^[A-Z][a-z]{2}, \d\d? [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:UTC|GMT|\+0000)$/.test(text)
  if (!isWellFormed || Number.isNaN(date.getTime())) throw new ImageError('archive-invalid', `${what} has the impossible date ${quote(text)}`)
  return date
}

function checkDates({ date, validUntil, suite, now, what }: {
  readonly date: Date
  readonly validUntil: string | undefined
  readonly suite: ArchiveSuite
  readonly now: Date
  readonly what: string
}): void {
  const outdated = (why: string): ImageError => new ImageError('archive-outdated', `${what} ${why}`, {
    hint: 'Use another mirror, and see that the clock of this machine is right.',
  })
  if (date.getTime() > now.getTime() + clockToleranceMs) throw outdated(`is of the future: ${date.toISOString()}`)
  if (validUntil !== undefined) {
    if (dateOf(validUntil, what) < now) throw outdated(`was valid until ${validUntil} only`)
    return
  }
  const { lastRelease, maxAgeDays } = suite
  if (lastRelease !== undefined) {
    if (date < new Date(lastRelease)) throw outdated(`is of ${date.toISOString()}, before the last one, which is of ${lastRelease}`)
  } else if (now.getTime() - date.getTime() > maxAgeDays * dayMs) {
    throw outdated(`is of ${date.toISOString()}, more than ${maxAgeDays} days old`)
  }
}

function filesOf(fields: Paragraph, what: string): ReadonlyMap<string, ReleaseFile> {
  const lines = (fields.get('sha256') ?? '').split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0 || lines.length > maxFiles) throw new ImageError('archive-invalid', `${what} has no usable list of SHA256`)
  const files = new Map<string, ReleaseFile>()
  for (const line of lines) {
    const { sha256, size, path } = /^ *(?<sha256>[0-9a-f]{64}) +(?<size>\d{1,15}) (?<path>[\w.+~/-]+)$/.exec(line)?.groups ?? {}
    if (path === undefined || sha256 === undefined) throw new ImageError('archive-invalid', `${what} has an impossible line: ${quote(line)}`)
    if (files.has(path)) throw new ImageError('archive-invalid', `${what} has the file ${quote(path)} twice`)
    files.set(path, { sha256, size: Number(size) })
  }
  return files
}
