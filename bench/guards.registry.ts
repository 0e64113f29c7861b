import { unit, type Removal, type Removals } from './guard.ts'

const source = 'packages/image/src'
const own = (file: string, test: string, pattern: string, remove: string, replacement = ''): Removal => unit(`${source}/${file}`, `${source}/${test}`, pattern, remove, replacement)
const client = (file: string, pattern: string, remove: string, replacement = ''): Removal => own(file, 'registry/client.test.ts', pattern, remove, replacement)
const pull = (file: string, pattern: string, remove: string, replacement = ''): Removal => own(file, 'registry/pull.test.ts', pattern, remove, replacement)
const push = (file: string, pattern: string, remove: string, replacement = ''): Removal => own(file, 'registry/push.test.ts', pattern, remove, replacement)
const referrers = (file: string, pattern: string, remove: string, replacement = ''): Removal => own(file, 'oci/referrers.test.ts', pattern, remove, replacement)
const files = (file: string, pattern: string, remove: string, replacement = ''): Removal => own(file, 'oci/image-files.test.ts', pattern, remove, replacement)
const open = (file: string, pattern: string, remove: string, replacement = ''): Removal => own(file, 'open-image.test.ts', pattern, remove, replacement)
const credentials = (pattern: string, remove: string, replacement = ''): Removal => own('registry/credentials.ts', 'registry/credentials.test.ts', pattern, remove, replacement)

/** Guards of `packages/image` where it speaks with registries and reads what others packed. */
export const registryRemovals: Removals = {
  'a registry that lies': {
    'a blob is what its digest says': pull('oci/blob.ts', 'hash to something else', '(promised.digest !== blob.digest || promised.size !== blob.size)', '(promised.size < 0)'),
    'crumbs are no progress': pull('registry/download.ts', 'hands out a blob in crumbs', 'if (offset - counted >= progressBytes) [', 'if (offset > counted) ['),
    'a pull has an end': pull('registry/download.ts', 'longer than the slowest connection', '    if (now() > endsAt) throw', '    if (now() < 0) throw'),
    'links in circles have an end': files('oci/image-files.ts', 'where links lead in circles', 'if (here.links > 0 && ++aliases > mostAliases) throw', 'if (here.links > 0 && ++aliases < 0) throw'),
    'a database behind a link is read': files('oci/image-files.ts', 'by the name of a symlink to their folder', "        if (file?.kind === 'directory' && here.links < mostLinks && follows(names.join('/'))) todo.push({ directory: file, names, links: here.links + 1 })\n"),
    'a folder that is named like a registry is not taken for it': open('open-image.ts', 'named like an image of a registry', 'if (transport === undefined && namesRegistry(source)) throw', 'if (transport === undefined && source === "") throw'),
    'a blob is not longer than promised': pull('registry/download.ts', 'bytes without end', '        if (offset > descriptor.size) throw', '        if (offset < 0) throw'),
    'a manifest is what its digest says': pull('registry/manifests.ts', 'another manifest than the digest', 'other !== undefined && other !== digest', 'other === ""'),
    'a document is of one kind': pull('oci/manifest.ts', 'at once', "(value['layers'] !== undefined || value['config'] !== undefined)", "value['schemaVersion'] === 7"),
    'the rest of a blob is the rest that was asked for': pull('registry/download.ts', 'another part of a blob', '!range?.startsWith(`bytes ${offset}-`)', 'range === "never"'),
    'what is listed as a referrer refers to the image': pull('registry/pull.ts', 'lists what refers to something else', "if (referrer === undefined) throw", 'if (referrer === undefined) continue\n    if (pulled.length > maxReferrers) throw'),
    'an image has an end': pull('registry/pull.ts', 'more bytes in all', 'if (bytes > maxBytes) throw', 'if (bytes < 0) throw'),
    'what was stored is what was sent': push('registry/manifests.ts', 'stored something else', 'stored !== undefined && stored !== descriptor.digest', 'stored === ""'),
    'an edited blob is not sent': push('registry/upload.ts', 'was edited', 'pieces: () => readBlobPieces(layout, blob)', 'pieces: () => partOf(layout, blob, 0, blob.size)'),
  },
  'what proves who asks': {
    'goes to the registry’s origin alone': client('registry/client.ts', 'followed without what proves', 'url.origin === base.origin ? authority.header(request.scopes) : undefined', 'authority.header(request.scopes)'),
    'is not sent without TLS': client('registry/client.ts', 'without TLS elsewhere', "    if (url.protocol === 'https:' || (url.protocol === 'http:' && isPlainAllowed)) return\n", "    if (isPlainAllowed || url.protocol.startsWith('http')) return\n"),
    'is masked in what a registry says': client('registry/answer.ts', 'the registry echoes it', 'mask(await reasonsIn(answer))', 'await reasonsIn(answer)'),
    'is one token for many requests': client('registry/authority.ts', 'share one token', 'coming.get(key) ?? getToken', 'getToken'),
    'is shown by requests that were refused together': client('registry/authority.ts', 'all shown the password', '      if (current !== undefined && current !== shown) return true\n'),
    'is no program elsewhere': credentials('is not run', "if (typeof value === 'string' && helperPattern.test(value)) return value", "if (typeof value === 'string') return value"),
    'is not waited for without end': own('node/docker-config.ts', 'registry/credentials.test.ts', 'does not end', 'const ended = AbortSignal.timeout(timeoutMs)', 'const ended = AbortSignal.timeout(timeoutMs * 1000)'),
  },
  'a connection that breaks': {
    'a download goes on where it was': pull('registry/download.ts', 'asks for no byte twice', '...(offset === 0 ? {} : { range: `bytes=${offset}-` })', '...{}'),
    'silence ends': client('node/http.ts', 'that does not pass is an error: silence', 'sent.setTimeout(idleMs,', 'sent.setTimeout(idleMs * 1000,'),
    'a drip ends': client('node/http.ts', 'a body that drips', 'if (bytes < leastBytes) throw', 'if (bytes < 0) throw'),
    'Retry-After is kept': client('registry/client.ts', 'as long as the registry says', 'Math.max(retryAfterMs(retryAfter) ?? 0, ', 'Math.max(0, '),
    'an upload goes on where the registry is': push('registry/upload.ts', 'in one piece goes on', "end === undefined || end === '0' ? 0 : Number(end) + 1", "end === undefined || end === '0' ? 0 : 0"),
    'a blob whose answer was lost is there': push('registry/upload.ts', 'only the answer was lost', '      if (await isThere(upload)) return\n', ''),
    'a tag that others write is read again': push('registry/remote-referrers.ts', 'took ours away', "attempt <= registry.attempts; attempt++", 'attempt <= 1; attempt++'),
    'HTTP is spoken to loopback alone': client('registry/client.ts', 'no registry elsewhere', 'const mayBePlain = insecure || isLoopback(base.hostname)', 'const mayBePlain = insecure || base.hostname !== ""'),
  },
  'what refers to an image': {
    'stays with it': referrers('oci/garbage.ts', 'what refers to an image that stays', 'waiting.filter(({ subject }) => reached.has(subject))', 'waiting.filter(({ subject }) => subject === "sha256:")'),
    'does not keep it': referrers('oci/garbage.ts', 'with a name of its own', '{ ...document, subject: undefined }', '{ ...document }'),
    'is what its manifest says': referrers('oci/referrers.ts', 'whatever the index says', "typeof artifactType === 'string' && artifactType !== ''", "typeof artifactType === 'string' && descriptor.artifactType !== undefined"),
    'takes no name over': referrers('oci/layout.ts', 'cannot take the name', 'reference === undefined ? annotations :', 'reference === undefined ? { ...manifest.annotations } :'),
  },
  'archives that others packed': {
    'a layer is what its image promises': files('oci/layer-archive.ts', 'another archive than its configuration', 'if (archive.digest() !== diffId) {', 'if (archive.size() < 0) {'),
    'what is skipped is read': files('oci/layer-archive.ts', 'small ones that nobody wants', '    for await (const _ of entry.body) { /* skipped */ }', '    await entry.body.cancel()'),
    'what is wanted has an end': files('oci/image-files.ts', 'more that is wanted', 'if (used.wanted > limits.wantedBytes) {', 'if (used.wanted < 0) {'),
    'a configuration is what its name says': open('archive/docker-archive.ts', 'configuration was edited', 'promised !== undefined && promised !== hexOf(digestOf(config))', 'promised === ""'),
    'a layer is the one of its place': open('archive/docker-archive.ts', 'swaps its layers', 'layer.mediaType === plainLayer && layer.digest !== diffIds[position]', 'layer.mediaType === ""'),
    'a name is there once': open('archive/image-archive.ts', 'a name twice', '    if (seen.has(path)) throw', '    if (seen.size < 0) throw'),
    'devices are refused': open('archive/archive.ts', 'has a device', "!['file', 'directory', 'symlink', 'link'].includes(type)", "type === 'contiguous-file'"),
    'a link stays inside': open('archive/image-archive.ts', 'has an absolute link', "  if (target.startsWith('/')) throw", "  if (target === '') throw"),
    'an image is whole': open('open-image.ts', 'lacks a blob', '?.size !== blob.size) throw', '?.size === -1) throw'),
  },
}
