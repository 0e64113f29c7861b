/** Fetching what a policy trusts of Sigstore's public services. Done when a policy is written or renewed, never when an image is verified. */
export { fetchTrustedRoot, type TrustedRootOptions } from './node.ts'
export { AttestationError, attestationErrorCodes, type AttestationErrorCode } from './error.ts'
