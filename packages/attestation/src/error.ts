/** Every code an `AttestationError` can carry, with the sentence that explains it. Codes are API: tests and callers name them. */
export const attestationErrorCodes = {
  'statement-invalid': 'What was to be stated does not have the shape that its specification describes.',
  'trust-invalid': 'A trust policy does not say plainly whom to trust and what to require.',
  'root-unavailable': 'Sigstore’s trusted root could not be fetched, or is not signed as it should be.',
  'key-unsafe': 'A signing key, or the directory it is in, can be read or replaced by others.',
  'key-invalid': 'A key is not an ECDSA key on P-256 in the form that was expected.',
  'signing-refused': 'The service that holds the key, or vouches for the signer, refused or could not be reached.',
  'signing-damaged': 'What the service that holds the key answered is not the signature that was asked for.',
} as const satisfies Record<string, string>

export type AttestationErrorCode = keyof typeof attestationErrorCodes

/** The only error this library throws on purpose. `message` says what and where, `hint` what to do; text from outside is escaped. */
export class AttestationError extends Error {
  override readonly name = 'AttestationError'
  readonly code: AttestationErrorCode
  readonly hint: string | undefined

  constructor(code: AttestationErrorCode, message: string, options: { readonly cause?: unknown; readonly hint?: string } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.hint = options.hint
  }
}

const longestQuote = 200

/** Text from outside as it may appear in a message: quoted, control and direction-changing characters escaped, shortened. */
export function quote(text: string): string {
  const shortened = text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text
  return JSON.stringify(shortened).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
