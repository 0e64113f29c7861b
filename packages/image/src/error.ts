/** Every code an `ImageError` can carry, with the sentence that explains it. Codes are API: tests and callers name them. */
export const imageErrorCodes = {
  'layout-invalid': 'A directory is not an OCI image layout, or its index is damaged.',
  'layout-busy': 'Another process held the lock of a layout for too long.',
  'manifest-invalid': 'A manifest or descriptor is not what the OCI image specification describes.',
  'config-invalid': 'An image configuration is not what the OCI image specification describes.',
  'layer-invalid': 'A layer is not a well-formed archive, or names one path twice.',
  'reference-invalid': 'A name for an image is not one that the OCI image specification allows.',
  'reference-unknown': 'No image in the layout has the name or digest asked for.',
  'blob-missing': 'The layout lacks a blob that a descriptor names.',
  'digest-mismatch': 'Bytes do not have the digest or size that was promised for them.',
  'unsafe-path': 'A name in an archive or list of entries leads outside of the image, or is a kind of file that is refused.',
  'too-large': 'Something is larger than the limit that guards against archive bombs.',
  unsupported: 'A media type, platform or compression that this library does not handle.',
  'file-unreadable': 'A file that was to be packed cannot be read.',
  'file-changed': 'A file was edited while it was being packed.',
  'not-elf': 'A file is not a well-formed 64-bit little-endian ELF file.',
  'library-missing': 'A shared library that a program needs is not on this machine.',
  'no-space': 'The disk is full.',
  'archive-unreachable': 'No mirror of the Debian archive gave a file in time.',
  'archive-unsigned': 'A Release of the Debian archive has no valid signature by a key that is pinned for it.',
  'archive-outdated': 'A Release of the Debian archive is past its end, older than its limit, or of the future.',
  'archive-replayed': 'A Release of the Debian archive is older than the one that a lock was made from.',
  'archive-invalid': 'A Release or an index of the Debian archive is not what was asked for, is malformed, or lacks something.',
  'package-unknown': 'The Debian archive has no package of a name.',
  'package-gone': 'The Debian archive no longer has a package that a lock names.',
  'package-not-stored': 'A package that a lock names is not in the store, and no network may be used.',
  'package-invalid': 'A Debian package is malformed, or is not the one that a lock names.',
  'lock-invalid': 'A lock of Debian packages is malformed, or is for something else than was asked for.',
  'platform-mismatch': 'A program is for another platform than the image.',
  'image-archive-invalid': 'A file is no archive of an image (OCI or docker save), or is a damaged one.',
  'registry-unauthorized': 'A registry wants credentials, or does not accept those it got (401).',
  'registry-forbidden': 'A registry knows who asks and does not allow it (403).',
  'registry-not-found': 'A registry has no such repository, image or blob (404).',
  'registry-throttled': 'A registry wants fewer requests, for longer than is waited for (429).',
  'registry-failed': 'A registry failed again and again (5xx).',
  'registry-refused': 'A registry refused a request for another reason.',
  'registry-invalid': 'A registry answered something that the OCI distribution specification does not allow.',
  'registry-unreachable': 'A registry could not be connected to, or the connection broke again and again.',
  'registry-slow': 'A registry sent nothing, or next to nothing, for too long.',
  'registry-insecure': 'A registry wants to be spoken to without TLS, which is refused except on loopback or when asked for.',
  'credentials-unavailable': 'Docker’s configuration names credentials that cannot be had.',
} as const satisfies Record<string, string>

export type ImageErrorCode = keyof typeof imageErrorCodes

/** The only error this library throws on purpose. `message` says what and where, `hint` what to do; names from outside are escaped. */
export class ImageError extends Error {
  override readonly name = 'ImageError'
  readonly code: ImageErrorCode
  readonly hint: string | undefined

  constructor(code: ImageErrorCode, message: string, options: { readonly cause?: unknown; readonly hint?: string } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.hint = options.hint
  }
}

const longestQuote = 300

/** Text from outside as it may appear in a message: quoted, control and direction-changing characters escaped, shortened. */
export function quote(text: string): string {
  const shortened = text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text
  return JSON.stringify(shortened).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
