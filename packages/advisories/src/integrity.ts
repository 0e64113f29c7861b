/**
 * What an integrity as lock files write it is worth: Subresource Integrity (several hashes, the strongest counts), Yarn's
 * checksum or the SHA-1 of old archives. Undefined where package managers would see no hash in it and check nothing.
 */
export function strengthOf(integrity: string): 'strong' | 'weak' | undefined {
  const hashes = integrity.trim().split(/\s+/)
  if (hashes.some((hash) => /^sha(?:256|384|512)-[\w+/]+={0,2}(?:\?|$)/.test(hash) || /^(?:\w+\/)?[\da-f]{64,128}$/i.test(hash))) return 'strong'
  return hashes.some((hash) => /^(?:sha1|md5)-[\w+/]+={0,2}(?:\?|$)/.test(hash) || /^[\da-f]{40}$/i.test(hash)) ? 'weak' : undefined
}
