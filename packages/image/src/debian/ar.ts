import { ImageError, quote } from '../error.ts'

/** A file in an archive of the format ar(5). */
export interface ArMember {
  readonly name: string
  readonly bytes: Uint8Array
}

const magic = '!<arch>\n'
const headerBytes = 60
/** A package has three members; deb(5) lets further ones follow. */
const mostMembers = 32

/** The members of an archive in the common format of ar(5), whose names Debian keeps short. Anything else is `package-invalid`. */
export function readAr(bytes: Uint8Array, what: string): readonly ArMember[] {
  const text = new TextDecoder('latin1')
  if (text.decode(bytes.subarray(0, magic.length)) !== magic) throw invalid(what, 'it does not begin as an ar archive does')
  const members: ArMember[] = []
  for (let at = magic.length; at < bytes.length; ) {
    const header = text.decode(bytes.subarray(at, at + headerBytes))
    const { name, size } = /^(?<name>[\x21-\x7e]{1,16}) *(?<=^.{16})[\d ]{32}(?<size>\d{1,10}) *(?<=^.{58})`\n$/s.exec(header)?.groups ?? {}
    if (name === undefined) throw invalid(what, `it has no member at byte ${at}`)
    const start = at + headerBytes
    const end = start + Number(size)
    if (end > bytes.length) throw invalid(what, `its member ${quote(name)} ends behind it`)
    members.push({ name: name.replace(/\/$/, ''), bytes: bytes.subarray(start, end) })
    if (members.length > mostMembers) throw invalid(what, `it has more than ${mostMembers} members`)
    at = end + (end % 2)
  }
  return members
}

function invalid(what: string, why: string): ImageError {
  return new ImageError('package-invalid', `${what} is no Debian package: ${why}`)
}
