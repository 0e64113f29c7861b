import { unit, type Removal, type Removals } from './guard.ts'

const debian = 'packages/image/src/debian'
const own = (file: string, test: string, pattern: string, remove: string, replacement = ''): Removal => unit(`${debian}/${file}.ts`, `${debian}/${test}.test.ts`, pattern, remove, replacement)
const release = (pattern: string, remove: string, replacement = ''): Removal => own('release', 'release', pattern, remove, replacement)
const archive = (pattern: string, remove: string, replacement = '', file = 'archive'): Removal => own(file, 'resolve', pattern, remove, replacement)
const mirror = (pattern: string, remove: string, replacement = ''): Removal => own('mirror', 'resolve', pattern, remove, replacement)
const store = (pattern: string, remove: string, replacement = ''): Removal => own('store', 'store', pattern, remove, replacement)
const lock = (pattern: string, remove: string, replacement = ''): Removal => own('lock', 'lock', pattern, remove, replacement)
const deb = (pattern: string, remove: string, replacement = '', file = 'deb'): Removal => own(file, 'deb', pattern, remove, replacement)
const base = (pattern: string, remove: string, replacement = '', file = 'base-layer'): Removal => own(file, 'base-layer', pattern, remove, replacement)
const update = (pattern: string, remove: string, replacement = '', file = 'update'): Removal => own(file, 'update', pattern, remove, replacement)
const web = (pattern: string, remove: string, replacement = ''): Removal => unit('packages/image/src/node.ts', `${debian}/resolve.test.ts`, pattern, remove, replacement)
const node = (pattern: string, remove: string, replacement = ''): Removal => unit('packages/image/src/runtime/node-layer.ts', 'packages/image/src/runtime/node-layer.test.ts', pattern, remove, replacement)

const pinned = (pattern: string, remove: string, replacement = ''): Removal => unit('packages/shiplock/src/stages/pinned-node.ts', 'packages/shiplock/src/stages/pinned-node.test.ts', pattern, remove, replacement)


export const debianRemovals: Removals = {
  'what is still of use is tidied away': {
    'a revision keeps its image': unit('packages/shiplock/src/stages/prune-images.ts', 'packages/shiplock/src/stages/prune-images.test.ts', 'no name leads to', 'keep: imagesOfTarget(state).filter(isDigest), '),
    'a package that is used stays': own('store', 'prune-store', 'what a build used', ' && (await freshen(file))'),
  },
  'an archive of Debian that was tampered with': {
    'a Release is signed by a pinned key': release('is refused as unsigned', 'if (signedBy.length === 0) {', 'if (signedBy.length < 0) {'),
    'a signature that does not fit is none': release('was edited', "if (results.some((result) => result.status === 'fulfilled')) signedBy", "if (results.length > 0) signedBy"),
    'a certificate is the pinned one': release('another fingerprint', "if (key.getFingerprint().toUpperCase() !== fingerprint) throw", "if (fingerprint === '') throw"),
    'a part has keys of its own': own('suites', 'release', 'sign their own part alone', 'keys: [trixieAutomatic, trixieStable]', 'keys: [trixieAutomatic, trixieStable, trixieSecurity]'),
    'a Release is that of the suite': release('of another suite is refused', 'if (found === codename && ', 'if (found !== undefined && '),
    'a Release is that of its archive': release('of the security archive is refused', 'suites.test(suite) && ', ''),
    'a Release is Debian\'s': release('of another distribution is refused', " && origin === 'Debian') return", ') return'),
    'a Release that has ended is not believed': release('past its end', 'if (dateOf(validUntil, what) < now) throw', 'if (dateOf(validUntil, what) < new Date(0)) throw'),
    'a Release without an end has an age': release('older than its limit', 'maxAgeDays * dayMs) {', 'maxAgeDays * dayMs * 1000) {'),
    'a Release of a suite that is complete is the last one': release('older than the last one', 'if (date < new Date(lastRelease)) throw', 'if (date < new Date(0)) throw'),
    'a Release of the future is not believed': release('of the future', 'if (date.getTime() > now.getTime() + clockToleranceMs) throw', 'if (Number.isNaN(date.getTime())) throw'),
    'an older Release is a replay': release('is a replay', 'if (notBefore !== undefined && stamp < notBefore) {', 'if (notBefore !== undefined && stamp < \'\') {'),
    'a lock remembers the Releases': archive('shows an older state', 'const notBefore = previous?.releases.find(({ codename }) => codename === part.codename)?.date', 'const notBefore = previous?.releases.find(({ codename }) => codename === \'\')?.date', 'resolve'),
    'an update is no way back': update('does not go back', ', previous: resolving.previous ?? old })', ' })'),
    'an index has the hash of its Release': archive('is edited is refused', 'if (bytes.length === size && digestOf(bytes) === `sha256:${sha256}`) return bytes', 'if (bytes.length === size || digestOf(bytes) === `sha256:${sha256}`) return bytes', 'mirror'),
    'an index is no larger than promised': archive('does not have the size', 'maxBytes: whole.size', 'maxBytes: maxIndexBytes'),
    'an index is no smaller than promised': archive('does not have the size', 'if (left !== 0) throw', 'if (left === maxIndexBytes) throw'),
    'a Release has the architecture': archive('lists no packages for an architecture', ' || !release.architectures.includes(architecture)) {', ') {'),
    'an entry of an index is possible': archive('is refused', 'if (!isSound) throw', 'if (name === \'\') throw', 'packages-index'),
    'a package is in the pool': archive('outside of its pool', ' && isPoolPath(path)\n', '\n', 'packages-index'),
    'a Release is no larger than it can be': mirror('more than there can be', 'if (size > maxBytes) throw', 'if (size < 0) throw'),
  },
  'a mirror that is wrong, slow or gone': {
    'it is asked again where it stumbled': mirror('asked again', 'again.push(mirror)', 'again.splice(0)'),
    'another one is asked': mirror('tampered with is left', '} else if (faultsOfMirror.has(error.code)) wrong ??= error\n', '}\n'),
    'a silent one is left': web('says nothing', 'request.setTimeout(idleMs, () => {', 'request.once(\'never\', () => {'),
    'a slow one is left': web('never comes to its end', 'const limit = AbortSignal.timeout(totalMs)', 'const limit = AbortSignal.timeout(totalMs * 1000)'),
    'no other kind of address is followed': web('leads to a file of this machine', "!/^https?:$/.test(next.protocol) || ", ''),
    'redirects end': web('leads in a circle', 'if (redirects === mostRedirects) throw', 'if (redirects < 0) throw'),
    'its password is not shown': web('without its password', '`${url.protocol}//${url.host}${url.pathname}`', '`${url.href}`'),
    'the caller may stop': web('left at once', 'const stop = signal === undefined ? limit : AbortSignal.any([signal, limit])', 'const stop = limit'),
  },
  'a package of the store': {
    'it has the digest of the lock': store('takes no package that is edited', ' || read.digest() !== `sha256:${locked.sha256}`) throw', ') throw'),
    'it is cut off where it is longer': store('stops reading', 'if (left < 0) throw wrongBytes(locked)', 'if (left < -(2 ** 40)) throw wrongBytes(locked)'),
    'what is unfinished is removed': store('keeps nothing of it', '    await remove(temporary)\n'),
    'it is verified when it is read': store('gives nothing damaged', "if (bytes.length !== locked.size || digestOf(bytes) !== `sha256:${locked.sha256}`) {", 'if (bytes.length === 0) {'),
    'a full disk is said to be one': unit('packages/image/src/node.ts', `${debian}/store.test.ts`, 'full disk', "if (code === 'ENOSPC' || code === 'EDQUOT') {", "if (code === 'EDQUOT') {"),
    'a damaged one is fetched again': store('fetches what is damaged', 'return read.digest() === `sha256:${locked.sha256}`', 'return read.size() === locked.size'),
    'one that is gone is told from one that is not reached': store('no longer has', "throw new ImageError('package-gone'", "throw new ImageError('archive-unreachable'"),
    'without a network a missing one is named': store('names what it lacks', "throw new ImageError('package-not-stored', `${label(locked)} is not in ${quote(store)}, and", "throw new ImageError('archive-unreachable', `${label(locked)} is not in ${quote(store)}, and"),
  },
  'a lock that somebody edited': {
    'a package is for its architecture': lock('for another architecture', "typeof architecture === 'string' && [wanted, 'all'].includes(architecture)", "typeof architecture === 'string'"),
    'a path is in the pool': lock('path that leads out', ' && isPoolPath(path)\n', " && typeof path === 'string'\n"),
    'a name is one': lock('a name that is a path', 'const isSound = isPackageName(name) && ', "const isSound = typeof name === 'string' && "),
    'a part is one of the suite': lock('a package of no part', ' && suites.includes(suite)', ''),
    'its parts are those of the suite': lock('without the release of a part', 'if (codenames.join() !== parts.toSorted().join()) throw', 'if (codenames.length > parts.length) throw'),
    'a package is there once': lock('with a package twice', 'if (new Set(read.map(({ name }) => name)).size !== read.length) throw', 'if (read.length < 0) throw'),
    'a size is possible': lock('absurd size', ' && size <= maxDebBytes\n', '\n'),
    'it is held against the signed archive': own('confirm-lock', 'confirm-lock', 'is not confirmed', 'packages.filter((locked) => !offered.has(identity(locked)))', 'packages.filter((locked) => identity(locked) === \'\')'),
    'all that it says of a package is': own('confirm-lock', 'confirm-lock', 'another source is not confirmed', 'source, sourceVersion, path, suite])', 'path, suite])'),
    'a lock for another architecture is said to be one': lock('and no other', 'if (packages === undefined) throw invalid(`it has no packages for ${architecture}`)\n  return packages', 'return packages ?? []'),
  },
  'a package that is hostile': {
    'a name does not climb': deb('a path that climbs', 'const path = inUsr(safePath(header.name))', "const path = inUsr(header.name.replace(/^\\.\\//, '').replace(/\\/$/, ''))"),
    'a link does not lead out': deb('a link out of the root', "&& !climbsOut(path, linkname)", ''),
    'a hard link is to a file of its own': deb('a hard link to what it does not bring', "if (file?.kind !== 'file') throw", "if (file === undefined) continue\n    if (file.kind !== 'file') throw"),
    'no path leads through a link': deb('a path through a link of its own', "if (through !== undefined && through.kind !== 'directory') {", "if (through !== undefined && through.kind === 'file') {"),
    'a device is refused': deb('with a device', "if (type !== 'symlink') throw", "if (type === 'fifo') throw"),
    'no path is there twice': deb('a path twice', 'if ((entries.has(path) || linked.has(path)) && !isSharedDirectory) {', 'if (entries.size < 0 && !isSharedDirectory) {'),
    'setuid bits are dropped': deb('loses setuid', 'return (mode ?? otherwise) & bits', 'return bits === 0 ? bits : (mode ?? otherwise)'),
    'a bomb in bytes is refused': deb('is a bomb', 'if (size > maxBytes) throw', 'if (size < 0) throw', 'decompress'),
    'a bomb in paths is refused': deb('is a bomb', 'if (++count > limits.entries) throw', 'if (++count < 0) throw'),
    'what is left in the middle frees the next': deb('in xz as a rule', '    await pieces.return?.().catch(', '    await Promise.resolve().catch(', 'decompress'),
    'a member ends in the archive': deb('cannot be, is refused', 'if (end > bytes.length) throw', 'if (end < 0) throw', 'ar'),
    'it is the one that the lock names': base('than the lock says', 'if (found !== value) throw', "if (found === '') throw"),
    'two packages do not have one file': base('two packages have one file', "else if (known.kind !== 'directory' || entry.kind !== 'directory') {", "else if (known.kind !== entry.kind) {"),
  },
  'a base layer that holds too much': {
    'nobody may write': base('lets nobody write', 'const mode = entry.mode & 0o755', 'const mode = entry.mode'),
    'no programs': base('trimmed', "  { pattern: /^usr\\/s?bin\\/./, isKept: false, why: 'no programs but Node: no shell, no package manager, nothing to set a user id with' },\n", '', 'trim'),
    'no users of a package': base('user that may do nothing', '...baseEntries(), ', ''),
    'licences stay': base('trimmed', 'isKept: true', 'isKept: false', 'trim'),
    'what was remembered is as it was written': base('is damaged', 'if (new TextDecoder().decode(bytes.subarray(0, digestLength)) !== digestOf(rest)) return undefined\n', '', 'remembered-entries'),
    'what was remembered is not believed where caches are not': base('the second time', "options.trust === 'digest' ? undefined : ", ''),
  },
  'a Node that is not the pinned one': {
    'its program is the one that the lock pins': pinned('otherwise than the lock', 'if (digest === `sha256:${pinned.programSha256}`) return entries', 'if (digest !== undefined) return entries'),
    'its package is the one that the lock pins': pinned('otherwise than the lock', 'const integrity = pinned ?? packed.integrity', 'const integrity = packed.integrity'),
    'ours is taken only where it is the very one': pinned('fetched for another machine', 'architecture === ownArchitecture() && digestOfInstalledFile(own, context.store) === pinned.programSha256', "digestOfInstalledFile(own, context.store) !== ''"),
    'a line that is over is not pinned': pinned('of a line that is over', "if (support.kind === 'end-of-life') return", "if (support.kind === 'end-of-life' && version === '') return"),
    'a lock names no other package': unit('packages/image/src/runtime/locked-node.ts', `${debian}/lock.test.ts`, 'says of Node', "name === nodePackageName(architecture) && ", "typeof name === 'string' && "),
    'nor one by a weak hash': unit('packages/image/src/runtime/locked-node.ts', `${debian}/lock.test.ts`, 'says of Node', " && /^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity)"),
    'its hash is compared': node('the hash is another', 'if (found === value) return', 'if (found !== \'\') return'),
    'its machine is compared': node('for another machine', 'if (machine !== platform.architecture) {', 'if (machine === undefined) {'),
    'a package is verified before anything is taken out': node('the hash is another', '      refuseOther(expected, tgz)\n'),
    'a link in its place is none': node('link in its place', "header.type === 'file' && ", ''),
  },
  'updates that are not told': {
    'an update without CVE ids is listed': update('names nothing', "if (before?.version === after?.version) continue", "if (before?.version === after?.version || after?.name === 'quiet') continue"),
    'the changelog of another package is read': update('those of other packages too', "if (link?.kind === 'symlink') return { kind: 'elsewhere'", "if (link?.kind === 'symlink' && link.target === '') return { kind: 'elsewhere'", 'changelog'),
    'source versions are compared': update('those of other packages too', '...named(text, before.sourceVersion, after.sourceVersion)', '...named(text, before.version, after.version)'),
    'what was fixed before is not told again': update('after one version', 'compareVersions(version, after) > 0 && ', '', 'changelog'),
    'what is not released yet is not told': update('after one version', ' && compareVersions(version, upTo) <= 0', '', 'changelog'),
    'the order is dpkg\'s': own('resolve', 'resolve', 'dpkg\'s order', 'compareVersions(found.version, known.version) > 0', 'found.version > known.version'),
  },
}
