/** Every reason for which an attestation, or an image for lack of one, is refused, with the sentence that explains it. Codes are API. */
export const refusalCodes = {
  unsigned: 'There is no attestation, or one that nobody signed.',
  malformed: 'A bundle is not what Sigstore’s specification describes, or could be read in two ways.',
  'duplicate-keys': 'An object has a key twice, so that two readers may see two documents.',
  'too-large': 'A bundle is larger than any that is made here.',
  'payload-type': 'What is signed is not an in-toto statement.',
  'several-signatures': 'An envelope has more than one signature, of which only one could be meant.',
  'signature-invalid': 'The signature, the certificate or the log entry does not prove what it claims.',
  stranger: 'Whoever signed is not trusted, or not for this.',
  'wrong-subject': 'The statement is about another image.',
  'statement-invalid': 'What is signed does not have the shape that its specification describes.',
  'predicate-missing': 'No statement of a kind that is required.',
  'wrong-verifier': 'The verdict is of another judge than the one that is required.',
  'wrong-resource': 'The verdict is for another service or environment.',
  'tests-failed': 'The newest test result says that tests failed.',
  'verdict-refused': 'The gate refused this image, or could not decide.',
  'verdict-provisional': 'The verdict is good for the local target only.',
  'check-missing': 'A check that is required did not run to its end, or did not pass.',
  'wrong-builder': 'The image was built by somebody who is not trusted to.',
  'wrong-source': 'The image was not built from the repository that is required.',
  'too-old': 'A statement is older than it may be, or does not say how old it is.',
  'from-the-future': 'A statement bears a time that has not come.',
  revoked: 'The image, the key or the statement was revoked.',
} as const satisfies Record<string, string>

export type RefusalCode = keyof typeof refusalCodes

export interface Refusal {
  readonly code: RefusalCode
  /** What, of whom: one line, text from outside escaped. */
  readonly text: string
  /** The position in `bundles` of the one that it is about; absent where it is about what is lacking. */
  readonly bundle?: number
}

export const refuse = (code: RefusalCode, text: string): { readonly refusal: Refusal } => ({ refusal: { code, text } })
