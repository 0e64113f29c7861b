import { unit, type Removal, type Removals } from './guard.ts'

const source = 'packages/attestation/src'
/** A guard of the attestations, and the test beside it. */
const own = (file: string, test: string, pattern: string, remove: string, replacement = ''): Removal => unit(`${source}/${file}`, `${source}/${test}`, pattern, remove, replacement)

const json = (pattern: string, remove: string, replacement = ''): Removal => own('json/strict-json.ts', 'json/strict-json.test.ts', pattern, remove, replacement)
const spelling = (pattern: string, remove: string, replacement = ''): Removal => own('json/canonical-json.ts', 'json/canonical-json.test.ts', pattern, remove, replacement)
const envelope = (pattern: string, remove: string, replacement = '', file = 'envelope.ts'): Removal => own(`verifying/${file}`, 'verifying/envelope.test.ts', pattern, remove, replacement)
const rule = (pattern: string, remove: string, replacement = '', file = 'requirements.ts'): Removal => own(`verifying/${file}`, 'verifying/verify-attestations.test.ts', pattern, remove, replacement)
const workload = (pattern: string, remove: string, replacement = '', file = 'keyless.ts'): Removal => own(`verifying/${file}`, 'verifying/keyless.test.ts', pattern, remove, replacement)
const trust = (pattern: string, remove: string, replacement = ''): Removal => own('verifying/trust.ts', 'verifying/trust.test.ts', pattern, remove, replacement)
const key = (pattern: string, remove: string, replacement = '', file = 'node.ts'): Removal => own(file, 'signing/local-signer.test.ts', pattern, remove, replacement)
const kms = (pattern: string, remove: string, replacement = ''): Removal => own('signing/kms-signer.ts', 'signing/kms-signer.test.ts', pattern, remove, replacement)
const keyless = (pattern: string, remove: string, replacement = '', file = 'signing/keyless-signer.ts'): Removal => own(file, 'signing/keyless-signer.test.ts', pattern, remove, replacement)
const statement = (file: string, pattern: string, remove: string, replacement = ''): Removal => own(`statement/${file}`, 'statement/statement.test.ts', pattern, remove, replacement)
const layout = (pattern: string, remove: string, replacement = ''): Removal => own('layout.ts', 'layout.test.ts', pattern, remove, replacement)

const story = (file: string, pattern: string, remove: string, replacement = ''): Removal => ({ file: `packages/shiplock/src/${file}`, test: 'e2e/signing.test.ts', pattern, remove, replacement, project: 'e2e' })

/** The guards of what is stated about an image, of who signs it and of how it is verified. */
export const attestationRemovals: Removals = {
  'a commit that brings its own permission': {
    'a policy in the tree is refused': story('stages/target-trust.ts', 'a policy that a commit could bring along', "  if (outside !== undefined && isWithin(outside, path)) throw new AttestationError('trust-invalid', `the trust policy ${JSON.stringify(path)} is in the tree that it is to judge`, { hint: 'keep it where no commit reaches it: outside of the checkout' })\n"),
  },
  'a document that can be read in two ways': {
    'a key twice is found': json('a key that an object has twice', '  return key === undefined ? { value } : { problem', '  return key === undefined || key.length >= 0 ? { value } : { problem'),
    'a key in another spelling is the same key': json('a key that an object has twice', 'JSON.parse(text.slice(at, end))', 'text.slice(at + 1, end - 1)'),
    'bytes that are no UTF-8 are refused': json('is not JSON', 'fatal: true, ', ''),
    'a byte-order mark is refused': json('a byte-order mark', ', ignoreBOM: true', ''),
    'half a surrogate pair is not written': spelling('half a surrogate pair', " && value.isWellFormed()", ''),
    'a number that JSON lacks is not written': spelling('is a bug of the caller', ' && Number.isFinite(value)', ''),
    'keys are sorted': spelling('keys are sorted', 'const sorted = fields.toSorted(([a], [b]) => (a < b ? -1 : 1))', 'const sorted = fields'),
    'base64 has one spelling': envelope('another spelling', "return bytes.toString('base64') === text ? bytes : undefined", 'return bytes'),
    'a bundle has no field that is not known': envelope('with a field that nobody knows', "  if (!hasOnly(document, ['mediaType', 'verificationMaterial', 'dsseEnvelope', 'messageSignature'])) return refuse('malformed', 'the bundle has fields that it should not')\n"),
    'an envelope has no field that is not known': envelope('field in the envelope', " || !hasOnly(envelope, ['payload', 'payloadType', 'signatures'])", ''),
    'a signature has no field that is not known': envelope('field in the signature', " || !hasOnly(only, ['sig', 'keyid'])", ''),
    'a bundle is of one version': envelope('of another version', "  if (document['mediaType'] !== bundleMediaType) return refuse('malformed', `the bundle is ${quote(String(document['mediaType']))}, not ${bundleMediaType}`)\n"),
    'a bundle signs one thing': envelope('signs bytes instead', "  if (document['messageSignature'] !== undefined) return refuse('payload-type', 'the bundle signs bytes and states nothing')\n"),
    'an envelope has one signature': envelope('an attacker added a signature', "  if (signatures.length > 1) return refuse('several-signatures', `the envelope has ${signatures.length} signatures`)\n"),
    'an empty signature is none': envelope('whose signature is empty', "  if (only['sig'] === '') return refuse('unsigned', 'the envelope has an empty signature')\n"),
    'a bundle has no chain': envelope('carries a chain', "  if (x509CertificateChain !== undefined) return refuse('malformed', 'a bundle v0.3 carries one certificate, not a chain')\n"),
    'a bundle names one signer': envelope('a certificate beside the key', "  if ((publicKey === undefined) === (certificate === undefined)) return refuse('malformed', 'the bundle does not name exactly one of key and certificate')\n"),
  },
  'a signature that proves nothing': {
    'the signature is verified': envelope('whose payload was swapped', "if (!isSignedBy(key, envelope)) return", 'if (!isSignedBy(key, envelope) && key.keyId.length === 0) return', 'examine.ts'),
    'the type is signed too': envelope('whose payload type was swapped', 'preAuthenticationEncoding(payloadType, payload)', "preAuthenticationEncoding('application/vnd.in-toto+json', payload)", 'key-signature.ts'),
    'what is signed is a statement': envelope('differs in its last letter', "  if (envelope.payloadType !== statementPayloadType) return refuse('payload-type', `${signed.by} signed ${quote(envelope.payloadType)}, not a statement`)\n", '', 'examine.ts'),
    'a key that is not trusted is a stranger’s': rule('only strangers vouch', "hint === hintOf(keyId)", 'hint.length === hintOf(keyId).length', 'key-signature.ts'),
    'a local key proves nothing to the cloud': rule('put together by hand', "  if (isOutOfPlace(key, trust)) return", '  if (isOutOfPlace(key, trust) && key.keyId.length === 0) return', 'examine.ts'),
    'a revoked key proves nothing': rule('that was revoked proves nothing', 'if (trust.revoked.keys.includes(key.keyId)) return', 'if (trust.revoked.keys.includes(key.keyId) && key.keyId.length === 0) return', 'examine.ts'),
    'a key proves nothing before its time': rule('before it is valid nor after', '(key.validFrom && now < key.validFrom) || ', '', 'examine.ts'),
    'a key proves nothing after its time': rule('before it is valid nor after', ' || (key.validUntil && now > key.validUntil)', '', 'examine.ts'),
    'a key states only what it may': rule('states only what it is trusted', 'identity.states?.includes(predicateType) === false', 'identity.states?.includes(predicateType) === undefined', 'examine.ts'),
    'a revoked statement counts for nothing': rule('in any wrapping', 'if (circumstances.trust.revoked.statements.includes(payload)) return', 'if (circumstances.trust.revoked.statements.includes(payload) && payload.length === 0) return', 'examine.ts'),
    'a revoked image is refused': rule('with everything proven', 'trust.revoked.images.includes(digest)', 'trust.revoked.images.includes(digest) && digest.length === 0', 'verify-attestations.ts'),
    'a tampered bundle keeps the image out': envelope('whose payload was swapped', '...unsigned, ...tampered, ...strangers', '...unsigned, ...strangers', 'verify-attestations.ts'),
    'a bundle has a size': envelope('absurdly large', "  if (bytes.length > maxBundleBytes) return refuse('too-large', `a bundle of ${bytes.length} bytes, where ${maxBundleBytes} are allowed`)\n"),
    'bundles have a number': rule('more bundles than anybody needs', '  if (bundles.length > maxBundles) return tooMany(bundles.length)\n', '', 'verify-attestations.ts'),
    'an image is verified by digest': rule('to verify by a tag', '!isDigest(digest) || ', '', 'verify-attestations.ts'),
    'an image is verified at a time': rule('at no time', ' || Number.isNaN(now.getTime())', '', 'verify-attestations.ts'),
  },
  'a certificate of somebody else': {
    'the workflow is compared in full': workload('contains the right one', "isNamed(identity.subject, claims.subject ?? '') &&", 'claims.subject?.includes(identity.subject) === true &&'),
    'the issuer is compared': workload('of another issuer', '    claims.issuer === identity.issuer &&\n'),
    'the repository is compared by number': workload('made anew', '    (identity.repositoryId === undefined || claims.repositoryId === identity.repositoryId) &&\n'),
    'the owner is compared by number': workload('another owner took over', '    (identity.ownerId === undefined || claims.ownerId === identity.ownerId) &&\n'),
    'the runner is compared': workload('a runner of the owner', ' &&\n    (identity.runner === undefined || claims.runner === identity.runner)'),
    'the chain, the entry and the signature are verified': workload('whose payload was swapped', 'attempt(() => verifier.verify(entity))', 'attempt(() => void entity)'),
    'an entry in the log is demanded': workload('no log has', '{ tlogThreshold: 1', '{ tlogThreshold: 0'),
    'an entry in the certificate’s log is demanded': workload('in no log is refused', 'ctlogThreshold: 1', 'ctlogThreshold: 0'),
    'the log’s time is the latest that a statement may bear': workload('of the future', 'Math.min(now.getTime(), loggedAt?.getTime() ?? Infinity)', 'now.getTime()', 'examine.ts'),
    'a log of tomorrow is refused': workload('of tomorrow', ' || (loggedAt && loggedAt.getTime() > now.getTime() + clockSkewMs)', '', 'examine.ts'),
    'what cannot be read is refused': workload('whose certificate is nonsense', "    return { trouble: error instanceof Error ? error.message : String(error) }\n", '    throw error\n'),
    'a root that cannot be read is no root': workload('a trusted root that cannot be read', "  if ('trouble' in material) throw new AttestationError('trust-invalid',", "  if ('trouble' in material) throw new AttestationError('key-invalid',"),
  },
  'a statement about something else': {
    'the digest is compared': rule('of another digest', "digest['sha256'] === hexOf(wanted)", "digest['sha256']?.length === hexOf(wanted).length", 'subject.ts'),
    'a statement about another image is refused': rule('of another digest', "  if (names === undefined) return refuse('wrong-subject', `the statement ${quote(predicateType)} of ${by} is about another image`)\n", "  if (names === undefined) return { ignored: { code: 'wrong-subject', text: by } }\n", 'examine.ts'),
    'an image packed anew is accepted by policy only': rule('unless the policy accepts it', 'trust.acceptsRecompressed ? content : undefined', 'content', 'examine.ts'),
    'its configuration is the same': rule('another configuration', 'hasDigest(item, config) && ', '', 'subject.ts'),
    'its layers are the same': rule('with another layer', ' && diffIds.every((diffId, position) => stated[position] === diffId)', '', 'subject.ts'),
    'its layers are as many': rule('a layer less', 'stated.length === diffIds.length && ', '', 'subject.ts'),
    'it has layers': rule('no layers', 'diffIds.length > 0 && stated.length === diffIds.length && ', '', 'subject.ts'),
    'that it was packed anew is said': rule('is known by its configuration', "  return names === 'manifest' ? []", "  return names.length > 0 ? []", 'verify-attestations.ts'),
    'a predicate has its shape': envelope('lacks the builder', "  if ('problem' in predicate) return refuse('statement-invalid', `${quote(predicateType)} of ${by}: ${predicate.problem}`)\n", "  if ('problem' in predicate) return { ignored: { code: 'statement-invalid', text: by } }\n", 'examine.ts'),
    'a time to come is refused': rule('of tomorrow is refused', '(statedAt && statedAt.getTime() > latest) || ', '', 'examine.ts'),
  },
  'a verdict that does not allow': {
    'one must be there': rule('must be there', "  if (all.length === 0) return refused('predicate-missing', 'no verdict by anybody who is trusted')\n", '  if (all.length === 0) return nothing\n'),
    'its judge is the right one': rule('of another judge', 'summary.verifier.id === required.verifier)', 'summary.verifier.id !== required.resourceUri)'),
    'it is for this service': rule('for another service, is none', 'summary.resourceUri === required.resourceUri)', 'summary.resourceUri !== required.verifier)'),
    'the newest counts': rule('an earlier permission', '.filter(({ attestation }) => newest.includes(attestation))', '.slice(0, newest.length)'),
    'of two of one moment both count': rule('of the same moment', '  return timed.filter(({ ms }) => ms === latest).map', '  return timed.filter(({ ms }) => ms === latest).slice(0, 1).map'),
    'one that refuses keeps the image out': rule('that is refused keeps', "  if (detail?.decision !== 'provisional') return refused(", "  if (detail?.decision === 'allowed') return refused("),
    'one that could not decide keeps the image out': rule('that is undecided keeps', "  if (detail?.decision !== 'provisional') return refused(", "  if (detail?.decision === 'refused') return refused("),
    'one that is provisional is for loopback': rule('does not take a provisional', "  if (target !== 'loopback') return refused(", "  if (target === undefined) return refused("),
    'a check that it does not name is missing': rule('lacks a required check', "    if (!result) return refused('check-missing', `the verdict says nothing of the check ${quote(check)}`)\n", '    if (!result) return nothing\n'),
    'a check that did not run is missing': rule('lacks a required check', "    if (result.outcome !== 'completed') return refused('check-missing', `the check ${quote(check)} was not carried out (${result.outcome})`)\n"),
    'a check that did not pass is missing': rule('lacks a required check', "return result.decision === 'pass' ? nothing : refused(", "return result.decision !== undefined ? nothing : refused("),
    'one that contradicts itself is none': own('statement/verification-summary.ts', 'verifying/verify-attestations.test.ts', 'do not agree', "return decision === undefined || (decision === 'allowed') === (summary.verificationResult === 'PASSED')", 'return decision !== undefined || summary !== undefined'),
    'one may be too old': rule('that is too old keeps', 'judgeChecks(summary, required), judgeAge(attestation, required.maxAge, age),', 'judgeChecks(summary, required),'),
    'age is said where it does not count': rule('admitted before, loudly', 'return admittedBefore ? { refused: [], warnings: [`${text}; it counts because the image was admitted before`] }', 'return admittedBefore ? nothing'),
    'what does not say its age is too old': rule('does not say how old it is', "  if (!time) return refused('too-old', `${what} does not say how old it is`)\n", '  if (!time) return nothing\n'),
    'a scan is as old as its data': rule('the data that it rests on', 'Date.parse(db.lastUpdate) < Date.parse(metadata.scanFinishedOn) ? db.lastUpdate : metadata.scanFinishedOn', 'metadata.scanFinishedOn || db.lastUpdate', 'predicates.ts'),
    'tests that failed keep the image out': rule('tests failed', "?.result === 'FAILED'", '=== null'),
    'a kind that is required must be there': rule('stands for none that was', "  if (newest.length === 0) return refused('predicate-missing', `no ${quote(predicateType)} by anybody who is trusted`)\n", '  if (newest.length === 0) return nothing\n'),
    'the builder is compared': rule('a builder that is not trusted', 'builders?.includes(runDetails.builder.id) ?? true', 'builders?.includes(runDetails.builder.id) !== undefined || true'),
    'the repository is compared': rule('from another repository', "uri.startsWith(`${source}@`)", 'uri.startsWith(source)'),
    'what others wrote is escaped': rule('that is refused keeps', 'detail.reasons.slice(0, 5).map(quote)', 'detail.reasons.slice(0, 5)'),
  },
  'a policy that trusts too much': {
    'a field that is not known is refused': trust('has a field that nobody knows', 'const trustDocument = z\n  .strictObject(', 'const trustDocument = z\n  .object('),
    'a field of a key that is not known is refused': trust('an identity field that nobody knows', 'const keyDocument = z.strictObject(', 'const keyDocument = z.object('),
    'the cloud wants a verdict': trust('requires no verdict', "  .refine(({ target, verdict }) => target === 'loopback' || verdict !== undefined, 'a cloud target admits nothing without a verdict')\n"),
    'the cloud takes no local key': trust('trusts a local key', "  .refine(({ target, identities }) => target === 'loopback' || identities.every(({ kind }) => kind !== 'local-key'), 'a local key is good for loopback only')\n"),
    'a workload needs a root': trust('without a root', "  .refine(({ identities, trustedRoot }) => trustedRoot !== undefined || identities.every(({ kind }) => kind !== 'keyless'), 'a keyless identity needs a trusted root')\n"),
    'the cloud wants the repository’s number': trust('by number', "  .refine(({ target, identities }) => target === 'loopback' || identities.every((identity) => identity.kind !== 'keyless' || identity.repositoryId !== undefined), 'for a cloud target a keyless identity names the repository by its number')\n"),
    'something is required': trust('requires nothing', "  .refine(({ requires, verdict, provenance }) => requires.length > 0 || verdict !== undefined || provenance !== undefined, 'nothing is required')\n"),
    'a key is on P-256': trust('on another curve', 'return isP256(key) ? key : undefined', 'return key'),
    'a key is public': trust('private', "  if (!/^-----BEGIN PUBLIC KEY-----\\n[A-Za-z0-9+/=\\n]+-----END PUBLIC KEY-----\\n?$/.test(pem)) return undefined\n"),
    'a key is there once': trust('names a key twice', "  if (new Set(keys).size < keys.length) throw new AttestationError('trust-invalid', 'the trust policy names a key twice')\n"),
  },
  'a key that others have': {
    'a file of another user is refused': key('of another user', 'if (user !== undefined && stats.uid !== user) {', 'if (user !== undefined && stats.uid < 0) {'),
    'a file that others may open is refused': key('may open its file', 'if ((stats.mode & othersMay) !== 0) {', 'if ((stats.mode & othersMay) < 0) {'),
    'a directory that others may enter is refused': key('may enter its directory', '  checkOwner(stats, directory, 0o700)\n'),
    'a link is refused': key('is a link, a directory or a pipe', ' | constants.O_NOFOLLOW', ''),
    'a link is no directory': key('directory is a link or a file', 'await fs.lstat(directory)', 'await fs.stat(directory)'),
    'a pipe is refused': key('is a link, a directory or a pipe', '    if (!stats.isFile()) throw new AttestationError(', '    if (stats.isSymbolicLink()) throw new AttestationError('),
    'a large file is refused': key('too large', '    if (stats.size > longestBytes) throw new AttestationError(\'key-invalid\', `${quote(path)} is too large to be a key`)\n', '    if (stats.size > longestBytes) return undefined\n'),
    'a new key is its owner’s': key('for its owner alone', "fs.open(temporary, 'wx', 0o600)", "fs.open(temporary, 'wx', 0o644)"),
    'a new directory is its owner’s': key('for its owner alone', '{ recursive: true, mode: 0o700 }', '{ recursive: true }'),
    'the first of two keys is kept': key('was there first', 'await unless(\'EEXIST\', fs.link(temporary, path))', 'await fs.rename(temporary, path)'),
    'another kind of key is refused': key('is refused, without a word', 'if (key === undefined || !isP256(key)) {', 'if (key === undefined) {', 'signing/local-signer.ts'),
    'what is in the file is not repeated': key('is refused, without a word', "`${quote(file)} is not an ECDSA key on P-256 in PKCS #8`", '`${quote(file)} is not an ECDSA key on P-256 in PKCS #8: ${Buffer.from(pem).toString()}`', 'signing/local-signer.ts'),
  },
  'a key service that is not what it seems': {
    'a key is named in full': kms('has a name in full', "  if (!keyName.test(key)) throw new AttestationError('key-invalid', `${quote(key)} is not the name of a version of a key`)\n"),
    'a key has the one algorithm': kms('of another algorithm', "if (answer['algorithm'] !== algorithm) throw", "if (answer['algorithm'] === undefined) throw"),
    'a key is on the one curve': kms('of another algorithm', 'if (publicKey === undefined || !isP256(publicKey)) throw', 'if (publicKey === undefined) throw'),
    'a refusal is one': kms('something else than JSON', 'if (status !== 200) {', 'if (status === 0) {'),
    'an answer is about the key': kms('bears the name of another key', "  if (answer['name'] !== key) throw damaged(key, 'the name of another key')\n"),
    'a public key arrives whole': kms('has a sum that does not fit', "if (typeof pem !== 'string' || pemCrc32c !== String(crc32c(new TextEncoder().encode(pem)))) throw", "if (typeof pem !== 'string') throw"),
    'a digest arrives whole': kms('the digest', "  if (verifiedDigestCrc32c !== true) throw damaged(key, 'a signature of a digest that it did not compare')\n"),
    'a signature arrives whole': kms('a signature that changed on the way', 'if (bytes === undefined || signatureCrc32c !== String(crc32c(bytes))) throw', 'if (bytes === undefined) throw'),
    'a signature is verified before it is used': kms('its key does not verify', "      if (!verify('sha256', encoding, { key: publicKey, dsaEncoding: 'der' }, signature)) throw damaged(key, 'a signature that its own public key does not verify')\n"),
  },
  'a token that leaks': {
    'it goes to no address that others can listen to': keyless('where others could read', "['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)", 'url.hostname.length > 0'),
    'what is no token is not sent': keyless('asks nobody with a token', '      checkToken(token)\n'),
    'what services answer is not repeated': keyless('says so without the token', "(${reasonsOf(error).join(', ') || 'without a reason'})`, {", "(${reasonsOf(error).join(', ') || 'without a reason'})`, { cause: error,"),
    'what GitHub answers is not repeated': keyless('is refused where GitHub answers', "'the identity token could not be fetched'", '`the identity token could not be fetched with ${token}`', 'node.ts'),
    'it follows nobody elsewhere': keyless('is refused where GitHub answers', "redirect: 'error'", "redirect: 'follow'", 'node.ts'),
  },
  'a statement that says nothing': {
    'an image is named by digests': statement('statement.ts', 'which is no digest', '!digests.every(isDigest) || ', ''),
    'an image has layers': statement('statement.ts', 'without layers', ' || content?.diffIds.length === 0', ''),
    'a statement has its shape': statement('statement.ts', 'with', "  if ('problem' in reading) throw new AttestationError('statement-invalid', reading.problem)\n"),
    'a package is named and hashed': statement('provenance.ts', 'no package URL', 'packages.every((item) => packageShape.safeParse(item).success)', 'packages.length >= 0'),
    'a digest has its length': statement('shape.ts', 'whose digest is cut', 'if (pattern?.test(value) === false)', 'if (pattern?.test(value) === undefined && name === \'\')'),
    'a check is judged once': statement('verification-summary.ts', 'a check twice', "\n    .refine((checks) => new Set(checks.map(({ check }) => check)).size === checks.length, 'a check is there twice')", ''),
    'provisional is not passed': statement('verification-summary.ts', 'is FAILED to whoever', "const isAllowed = decision === 'allowed'", "const isAllowed = decision !== 'refused' && decision !== 'undecided'"),
    'tests that failed have not passed': statement('test-result.ts', 'is not', "(failedTests.length === 0 || result === 'FAILED')", '(failedTests.length >= 0 || result === \'FAILED\')'),
    'nobody is promised a level': statement('provenance.ts', 'claims no more', 'builder === builders.githubSelfHosted ? 1 : 0', 'builder === builders.githubSelfHosted ? 1 : 2'),
  },
  'what is attached to an image': {
    'it may not fill the memory': layout('so many bundles', '  if (size > maxAttachedBytes) throw', '  if (size < 0) throw'),
    'one may not be absurdly large': layout('a large SBOM', 'readBlob(layout, blob, maxBundleBytes)', 'readBlob(layout, blob, maxAttachedBytes)'),
    'nothing is passed over': layout('is not passed over', 'for (const blob of blobs) bundles.push(', 'for (const blob of blobs) if (blob.mediaType === bundleMediaType) bundles.push('),
  },
}
