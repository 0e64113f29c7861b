import { unit, type Removal, type Removals } from './guard.ts'

const source = 'packages/shiplock/src'
/** A guard that the stories of the cloud target notice. */
const story = (file: string, pattern: string, remove: string, replacement = ''): Removal => ({ file: `${source}/${file}`, test: 'e2e/cloud-run.test.ts', pattern, remove, replacement, project: 'e2e' })
const preview = (pattern: string, remove: string, replacement = ''): Removal => unit(`${source}/deploy/preview.ts`, `${source}/deploy/preview.test.ts`, pattern, remove, replacement)
const shared = (pattern: string, remove: string, replacement = ''): Removal => unit(`${source}/deploy/shared-with-production.ts`, `${source}/deploy/shared-with-production.test.ts`, pattern, remove, replacement)
const attestor = (pattern: string, remove: string, replacement = ''): Removal => unit('packages/attestation/src/signing/binary-authorization.ts', 'packages/attestation/src/signing/binary-authorization.test.ts', pattern, remove, replacement)
const cloud = (file: string, test: string, pattern: string, remove: string, replacement = ''): Removal => unit(`${source}/${file}`, `${source}/${test}`, pattern, remove, replacement)

/** Guards of Cloud Run as a target, of what Binary Authorization is told, and of previews. */
export const cloudTargetRemovals: Removals = {
  'something goes to the cloud that nobody has agreed to': {
    'a tree with files of no commit stays here': story('stages/release-stages.ts', 'of no commit', "  if (snapshot.dirty !== false) return { reason: 'target-refused', message: `${title} takes what is of a commit, and this tree has files that are not`, hint: 'commit or stash them: git status shows which' }\n"),
    'a change stays here': story('stages/release-stages.ts', 'of no commit', "  if (policy.judging !== undefined && !isPreview) return { reason: 'target-refused', message: `${title} takes what is merged, and this is a change`, hint: 'show it as a preview: --preview NUMBER' }\n"),
    'what is provisional stays here': story('stages/admit-stage.ts', 'of no commit', "(verdict.decision === 'provisional' && stages.target === 'local')", "verdict.decision === 'provisional'"),
    'nothing is deployed before it is published and attested': story('stages/release-stages.ts', 'a run takes', "'admit', 'target', 'image', ...(registry ? [publishStageId] : []), ...(attester ? [attesterStageId] : [])]", "'admit', 'target', 'image']"),
    'an ingress that was changed is seen': story('stages/revision-states.ts', 'ingress that was changed', 'const approvedIngress = ingress ?? (plan', 'const approvedIngress = (plan'),
    'a tree with edits has no tag': cloud('stages/publish-stage.ts', 'stages/publish-stage.test.ts', 'no commit, and its image no tag', 'commit === undefined ? reference : `${repository}:${commit}`', '`${repository}:${commit ?? \'latest\'}`'),
    'a commit does not say who is told the token': cloud('stages/cloud-run-target.ts', 'stages/cloud-run-target.test.ts', 'is told to registries of Google', "    if (!/^(?:[a-z0-9-]+-docker\\.pkg\\.dev|(?:[a-z]+\\.)?gcr\\.io)$/.test(registry)) return others(registry, signal)\n", '    if (registry === \'\') return others(registry, signal)\n'),
  },
  'Cloud Monitoring tells later': {
    'its lag is waited for': unit(`${source}/deploy/canary/watch.ts`, `${source}/deploy/canary.test.ts`, 'no step is over before the lag', 'const seenMs = watchedMs - source.lagMs', 'const seenMs = watchedMs'),
  },
  'Binary Authorization is told what is not so': {
    'the attestor has to know the key': attestor('does not know', "  if (!keyIds.includes(keyId)) throw new AttestationError('key-invalid', `the attestor ${quote(attestor)} does not know the key ${quote(key)}`, { hint: 'Add the key to the attestor, or name one of its own.' })\n", '  if (keyIds.length < 0) throw new Error()\n'),
    'the attestor has to take the signature': attestor('does not take', '  if (!(await isGood(attestation))) throw', '  if (attestor === \'\') throw'),
    'what somebody else attested is none of ours': attestor('somebody else made', '&& (await isGood((occurrence as { attestation: unknown }).attestation))) return', ') return'),
    'a preview is not attested': story('stages/preview.ts', 'a pull request is shown', 'target: shared, preview', 'target, preview'),
  },
  'a preview reaches production': {
    'an identity of its own is wanted': shared('no identity', "    ...(ours.identity === '' ? ['no identity of its own, and so the one that every service of the project has'] : []),\n"),
    'the identity is not production’s': shared('an identity that', "    ...(ours.identity !== '' && ours.identity === theirs.identity ? [`production's identity ${ours.identity}`] : []),\n"),
    'no secret is production’s': shared('a secret in', '    ...both(ours.secrets, theirs.secrets).map((name) => `production\'s secret ${name}`),\n'),
    'no instance of Cloud SQL is production’s': shared('Cloud SQL', '    ...both(ours.instances, theirs.instances).map((name) => `production\'s database ${name}`),\n'),
    'no address of a database is production’s': shared('address of a database', "    ...[...ours.places].flatMap(([name, value]) => (theirPlaces.has(value) ? [`production's database, by ${name}`] : [])),\n"),
    'it is asked before anything is made': preview('refused by name', "  if (shared.length > 0) return fail({ reason: 'target-refused', message: `the preview would have ${shared.join(', ')}`, hint: 'give previews their own by targets.….preview and on their service; nothing was made' })\n"),
    'it is made of no service that people use': preview('refused by name', 'if (preview.production === preview.wanted.service) return', "if (preview.production === '') return"),
    'it is asked before anything migrates': { file: `${source}/stages/preview.ts`, test: 'e2e/previews.test.ts', pattern: 'migrates nothing', remove: '    if (!apart.ok) return apart\n', replacement: '    void apart\n', project: 'e2e' },
    'a change does not rename what it is kept apart from': cloud('stages/preview.ts', 'stages/preview.test.ts', 'of the merge base', 'context.policy.baseConfig ?? context.config', 'context.config'),
    'its verdict is none about production': story('stages/preview.ts', 'a pull request is shown', 'name: previewServiceName(service.name), env: own', 'name: service.name, env: own'),
  },
  'a preview outlives its pull request': {
    'one that was closed stays closed': preview('stays closed', 'if (!live.value?.traffic.some((it) => it.tag === tag && it.revision === revision)) return', 'if (!live.value) return'),
    'one whose probe is red is taken back': preview('taken back', '  if (isShown && previous !== \'\') {', '  if (isShown && previous === \'-\') {'),
    'a push removes what it replaces': preview('a push replaces', '  await deleteRevisions(session, tag, revision)\n'),
    'one that does not say its last day is over': preview('a forgotten preview', "(lastDays.get(revision) ?? '') < today", "(lastDays.get(revision) ?? '') > today"),
    'who lost the race tries again': preview('both shown', "result.failure.failure.reason !== 'deploy-in-progress' || left === 1", "result.failure.failure.reason !== 'deploy-in-progress' || left > 0"),
    'a service of somebody else’s is left': preview('stays where it was not', 'others.length === 0 && service.annotations[madeAnnotation] !== undefined', 'others.length === 0'),
  },
}
