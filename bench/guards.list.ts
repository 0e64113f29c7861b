import { unit, type Guard, type Removal, type Removals } from './guard.ts'
import { adoptionRemovals } from './guards.adoption.ts'
import { attestationRemovals } from './guards.attestation.ts'
import { checkRemovals } from './guards.checks.ts'
import { cloudRunRemovals } from './guards.cloud-run.ts'
import { cloudTargetRemovals } from './guards.cloud-target.ts'
import { debianRemovals } from './guards.debian.ts'
import { deliveryRemovals } from './guards.delivery.ts'
import { dependencyRemovals } from './guards.dependencies.ts'
import { joinsRemovals } from './guards.joins.ts'
import { monitoringRemovals } from './guards.monitoring.ts'
import { policyRemovals } from './guards.policy.ts'
import { probeRemovals } from './guards.probe.ts'
import { registryRemovals } from './guards.registry.ts'
import { reportRemovals } from './guards.reports.ts'
import { sastRemovals } from './guards.sast.ts'
import { serviceRemovals } from './guards.service.ts'
import { supplyRemovals } from './guards.supply.ts'

export type { Guard } from './guard.ts'

const source = 'packages/shiplock/src'
const faults = 'e2e/faults.test.ts'
const interruption = 'e2e/interruption.test.ts'

const story = (file: string, test: string, pattern: string, remove: string, replacement = ''): Removal => ({ file: `${source}/${file}`, test, pattern, remove, replacement, project: 'e2e' })
/** A guard and its test below the product's sources. */
const own = (file: string, test: string, pattern: string, remove: string, replacement = ''): Removal => unit(`${source}/${file}`, `${source}/${test}`, pattern, remove, replacement)
const launcher = (pattern: string, remove: string, replacement = ''): Removal => unit('launch.mjs', 'launch.test.ts', pattern, remove, replacement)
const engine = (pattern: string, remove: string, replacement = '', file = 'run-stages.ts'): Removal => own(`engine/${file}`, 'engine/run-stages.test.ts', pattern, remove, replacement)
const graph = (pattern: string, remove: string, replacement = ''): Removal => own('engine/graph.ts', 'engine/graph.test.ts', pattern, remove, replacement)
const lock = (pattern: string, remove: string, replacement = ''): Removal => own('system/run-lock.ts', 'system/run-lock.test.ts', pattern, remove, replacement)
const snapshot = (pattern: string, remove: string, replacement = '', file = 'snapshot.ts'): Removal => own(`system/${file}`, 'system/snapshot.test.ts', pattern, remove, replacement)
const state = (pattern: string, remove: string, replacement = ''): Removal => own('system/state-directory.ts', 'system/state-directory.test.ts', pattern, remove, replacement)
const onDisk = (pattern: string, remove: string, replacement = '', file = 'files.ts'): Removal => own(`system/${file}`, 'system/disk-store.test.ts', pattern, remove, replacement)
const atStage = (file: string, pattern: string, remove: string, replacement = ''): Removal => own(file, 'stages/check-stage.test.ts', pattern, remove, replacement)
const wall = (pattern: string, remove: string, replacement = ''): Removal => atStage('system/confinement.ts', pattern, remove, replacement)
const policy = (pattern: string, remove: string, replacement = ''): Removal => own('policy/decide.ts', 'policy/decide.test.ts', pattern, remove, replacement)
const exitCode = (pattern: string, remove: string, replacement = ''): Removal => own('policy/exit-code.ts', 'policy/exit-code.test.ts', pattern, remove, replacement)
const mask = (pattern: string, remove: string, replacement = ''): Removal => own('system/masking.ts', 'system/masking.test.ts', pattern, remove, replacement)
const release = (file: string, pattern: string, remove: string, replacement = ''): Removal => own(`deploy/${file}`, 'deploy/release.test.ts', pattern, remove, replacement)
const recovery = (file: string, pattern: string, remove: string, replacement = ''): Removal => own(`deploy/${file}`, 'deploy/recover.test.ts', pattern, remove, replacement)

const removals: Removals = {
  'code that ran without a wall has read the key': {
    'the key goes before such code runs': state('code of the repository ran without a wall', '  rmSync(keys, { recursive: true, force: true })\n'),
  },
  'syntax error or call in the config': {
    'syntax errors are told': story('config/parse-config.ts', faults, 'a syntax error', 'if (errors.length > 0) {', 'if (errors.length < 0) {'),
    'what is no literal is refused': story('config/read-literal.ts', faults, 'a call', '  scope.refuse(span, message, hint)\n  return undefined\n}\n\nfunction readConstant', '  void [message, hint]\n  return undefined\n}\n\nfunction readConstant'),
    'the nearest key is named': story('config/explain-issue.ts', faults, 'an unknown key', 'const hint = near ? `did you mean', 'const hint = near && known.length === 0 ? `did you mean'),
    'the config is not executed': story('cli/session.ts', faults, 'does nothing', '  const reading = await readConfig(', "  await import(resolve(root, 'shiplock.config.ts'))\n  const reading = await readConfig("),
  },
  'cycle in the graph': {
    'a cycle is refused': graph('a cycle is named', "  if (order.length < stages.size) return fail({ kind: 'cycle', ids: findCycle(stages, waiting) })\n"),
    'a need that is not there is refused': graph('are refused', "if (!list) return fail({ kind: 'unknown-need', id: stage.id, need })", 'if (!list) continue'),
    'a stage that is there twice is refused': graph('are refused', "    if (stages.has(stage.id)) return fail({ kind: 'duplicate-stage', id: stage.id })\n"),
  },
  'missing tool': {
    'a program is looked for before it is confined': atStage('system/workspace.ts', 'of the repository that is not installed', 'const program = findProgram(command.argv[0], path)\n', 'const program = findProgram(command.argv[0], path) ?? command.argv[0]\n'),
    'a program that cannot be started is missing': atStage('system/workspace.ts', 'not where it should be', "  if (result.error?.code === 'ENOENT') return toolMissing(name)\n"),
    'types: a compiler that is not installed is a failure': story('checks/types/run.ts', faults, 'a missing tool', "  if (!typescript) return { kind: 'failed', failure: notInstalled(project) }\n", "  if (!typescript) return { kind: 'completed', findings: [] }\n"),
    'tests: a shell that cannot find a program is a failure': own('checks/tests/decide.ts', 'checks/tests/tests.test.ts', 'a program that is not there', '  if (missing) return { kind: \'failed\', failure: missing }\n'),
  },
  'port taken': {
    'it is said with what to do': story('stages/local-target.ts', faults, 'a taken port', "if (said?.code === 'port-taken') return", "if (said?.code === 'no such code') return"),
    'it is said by whom': unit('packages/cloud-run-emulator/src/listen.ts', 'packages/cloud-run-emulator/src/main.test.ts', 'a front port that is taken', 'const holder = holderOf(port)', 'const holder = undefined as ReturnType<typeof holderOf>'),
    'it is no crash': unit('packages/cloud-run-emulator/src/listen.ts', 'packages/cloud-run-emulator/src/main.test.ts', 'a front port that is taken', "if (systemCode(error) !== 'EADDRINUSE') throw error", "if (systemCode(error) !== 'EACCES') throw error"),
  },
  'full disk': {
    'what the system throws is explained': story('stages/system-failure.ts', interruption, 'full for .shiplock/results', 'return isNoSpace(error) || (error instanceof Error && isNoSpace(error.cause)) ? noSpace : undefined', 'return isNoSpace(error) && error === noSpace ? noSpace : undefined'),
    'the engine asks for the explanation': engine('what the system throws', 'const failure = this.#options.explain?.(error)', 'const failure: StageFailure | undefined = undefined'),
    'it is told from other trouble': onDisk('a disk that is full', "return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')", 'return error instanceof Date'),
    'no half file is left': onDisk('a failed write', '    rmSync(temporary, { force: true })\n    throw error', '    throw error'),
  },
  'no network at first install': {
    'it is said': launcher('without network', '.exec(stderr)\n', '.exec(stderr.slice(0, 0))\n'),
    'another lock file is installed anew': launcher('another lock file is installed', "return readFileSync(stampPath, 'utf8') === stamp", 'return true'),
    'what was installed by hand is compared': launcher('by hand from another lock file', '  if (same) writeFileSync(stampPath, stamp)\n  return same', '  writeFileSync(stampPath, stamp)\n  return same || true'),
    'half an installation is none': launcher('killed half way', '  if (!existsSync(record)) return false\n', '  if (!existsSync(record)) return existsSync(installed)\n'),
    'one start installs at a time': launcher('two first starts', "writeFileSync(lock, String(process.pid), { flag: 'wx' })", 'writeFileSync(lock, String(process.pid))'),
    'the second start looks again': launcher('two first starts', '    if (isInstalled(stamp)) return\n'),
    'waiting is said': launcher('says whom it waits for', 'if (!hasTold) process.stderr.write(', 'if (!hasTold) void ('),
    'the lock of a dead installer is taken over': launcher('holds nobody up', 'owner === process.pid || !isAlive(owner) || ', ''),
    'the state directory is marked': launcher('the first start', "  writeFileSync(join(made, 'made-here'), `${lstatSync(made, { bigint: true }).ino}\\n`)\n"),
    'the exit code is passed on': launcher('the pinned Node', 'process.exitCode = code ?? 70', 'process.exitCode = 0'),
    'Windows is told of WSL': launcher('on Windows', "if (process.platform === 'win32') throw", 'if (process.platform === process.arch) throw'),
    'an old Node is told what is needed': launcher('on Windows', 'if (major(process.version) < 20) throw', 'if (major(process.version) < 2) throw'),
  },
  'Ctrl-C': {
    'the command listens': story('cli/session.ts', interruption, 'Ctrl-C when /Lint started/', "    controller.abort(new CommandFailure(130, { message: 'interrupted' }))\n"),
    'the engine starts nothing more': engine('a cancelled run', "#withoutRunning(stage: Stage): StageResult | undefined {\n    if (this.#options.signal.aborted) return { status: 'cancelled' }\n", '#withoutRunning(stage: Stage): StageResult | undefined {\n'),
    'the engine stops what runs': engine('a cancelled run', 'const onAbort = () => this.#running.forEach((controller) => controller.abort(signal.reason))', 'const onAbort = () => {}'),
    'a cancelled result is not remembered': engine('a cancelled stage', "      if (this.#options.signal.aborted) return { status: 'cancelled' }\n      if (!result.ok)", '      if (!result.ok)'),
    'programs are ended': own('system/processes.ts', 'system/processes.test.ts', 'an abort ends', "    request.signal?.addEventListener('abort', end)\n"),
    'waiting for another run can be interrupted': lock('can be interrupted', 'await sleep(100, undefined, { signal })', 'await sleep(100)'),
    'a candidate in the making is taken back': release('release.ts', 'an abort while the candidate starts', 'return made.ok ? made : fail(await undone(session, entry, made.failure))', 'return made.ok ? made : fail({ failure: made.failure })'),
    'traffic that was moved is given back': release('release.ts', 'an abort right after', 'const { failure, record } = await undone(session, promoting, served.failure)', 'const { failure, record } = { failure: served.failure } as ReleaseFailure'),
    'the undo does not listen to a second one': release('abandon.ts', 'an abort', 'const session = undisturbed(interrupted)', 'const session = interrupted'),
  },
  'kill -9': {
    'the lock of a dead run is free': lock('holds nobody up', '!tryLock(database); hasTold', 'readHolder(holderPath) !== undefined || !tryLock(database); hasTold'),
    'copies of the tree are cleared away': state('left behind', 'for (const name of readdirSync(state.scratch)) removeTree(join(state.scratch, name))', 'readdirSync(state.scratch)'),
    'files are written under another name': onDisk('killed while it writes', "  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`\n  const fd = openSync(temporary, 'wx'", "  const temporary = path\n  const fd = openSync(temporary, 'w'"),
    'a damaged result is a miss': onDisk('damaged, cut or emptied', 'if (text.slice(0, 64) !== hashOf(value)) {', 'if (text.length > value.length + 65) {', 'disk-store.ts'),
    'a local target that is gone is told from one that runs': story('system/daemon.ts', interruption, 'kill -9 of the local target', 'return state && isRunning(state) ? state : undefined', 'return state'),
    'an unfinished release is recovered': recovery('recover.ts', 'answers errors is taken back', 'const entry = session.journal.read()', 'const entry = session.journal.read() && undefined as JournalEntry | undefined'),
    'the journal is written before the first request': recovery('release.ts', 'at a first release', '  const noted = note(session, entry)\n', '  const noted: Result<void> = ok(undefined)\n'),
    'a journal of another service is not followed': recovery('recover.ts', 'a journal that is damaged', '!entry || entry.service !== session.service', '!entry'),
    'repository code does not outlive us': wall('does not outlive us', "'--die-with-parent', "),
  },
  'two runs at once': {
    'the lock is exclusive': lock('of many at once', "database.exec('BEGIN EXCLUSIVE')", "database.exec('SELECT 1')"),
    'the second is told': lock('the second waits', '      if (!hasTold) onWait(readHolder(holderPath))\n'),
    'a run takes the lock': story('cli/session.ts', faults, 'two runs at once', 'const lock = await acquireRunLock(state.lock,', 'const lock = await acquireRunLock(`${state.lock}.${process.pid}`,'),
  },
  'a test that hangs': {
    'a time-out is told from other ends': own('system/workspace.ts', 'checks/tests/tests.test.ts', 'node:test that hangs', 'if (result.isTimedOut) return', 'if (result.isTimedOut && result.isAborted) return'),
    'what hung is named': own('checks/tests/decide.ts', 'checks/tests/tests.test.ts', 'node:test that hangs', "const named = running.length === 0 ? ''", "const named = running.length >= 0 ? ''"),
    'what ignores SIGTERM is killed': own('system/processes.ts', 'system/processes.test.ts', 'a time-out ends', "      kill ??= setTimeout(() => endGroup(child.pid, 'SIGKILL'), 2000)\n"),
    'what it has started is killed too': own('system/processes.ts', 'system/processes.test.ts', 'a time-out ends', 'process.kill(-pid, signal)', 'process.kill(pid, signal)'),
    'the engine asks a slow stage to stop': engine('asked to stop', "          controller.abort(new Error('timed out'))\n"),
    'the engine leaves a deaf stage behind': engine('left behind', "          giveUp({ ok: false, failure: timedOut(stage) })\n        }, stage", '        }, stage'),
  },
  'a tree edited while it runs': {
    'a check is failed by it': atStage('stages/check-stage.ts', 'edited while the check runs', '      if (changed !== undefined) return fail(treeChanged(changed))\n'),
    'a tool in the tree is failed by it': atStage('system/workspace.ts', 'any edit of the tree', ': changedMeanwhile(snapshot))', ': snapshot.root === path ? changedMeanwhile(snapshot) : undefined)'),
    'what is read is compared': snapshot('reading from the snapshot', 'return same ? ok(content) : fail(treeChanged(path))', 'return same || path ? ok(content) : fail(treeChanged(path))'),
    'what was read is compared': snapshot('reading from the snapshot', '    if (stampOf(stats) !== file.stamp && hashFile(join(snapshot.root, path), stats) !== file.digest) return path\n'),
    'racy entries are hashed again, by mtime': snapshot('was just written', ' && stats.mtimeNs < BigInt(known.writtenNs) - racyNs && stats.ctimeNs < BigInt(known.writtenNs) - racyNs'),
    'racy entries are hashed again, by ctime': snapshot('says that it is old', ' && stats.ctimeNs < BigInt(known.writtenNs) - racyNs'),
  },
  'a service that exits or never listens': {
    'it is told in the words of the revision': release('candidate.ts', 'a candidate that', "  if (condition?.state === 'CONDITION_FAILED') return fail(notReady(name, condition.message))\n"),
    'its last lines are shown': story('deploy/candidate.ts', faults, 'exits at its start', '    ...(detail && { detail }),\n'),
    'a first release that does not start is removed': story('deploy/release.ts', faults, 'leaves nothing behind', 'return made.ok ? made : fail(await undone(session, entry, made.failure))', 'return made.ok ? made : fail({ failure: made.failure })'),
    'an answer proves the promotion': release('promote.ts', 'once it has the traffic', '  return answer.ok ? ok(service) : answer\n', '  return answer.ok || service ? ok(service) : answer\n'),
    'a red probe stops the promotion': story('stages/release-stages.ts', faults, 'takes a post without a token', 'return reasons[0] ? { stop: reasons[0].text } : {}', 'return reasons[0] && context.store === null ? { stop: reasons[0].text } : {}'),
    'a candidate that was not promoted is given up': story('stages/release-stages.ts', faults, 'takes a post without a token', '      if (candidate) {\n        const abandoned', "      if (candidate && why === '') {\n        const abandoned"),
  },
  'a replayed result': {
    'depends on the inputs': engine('the same fingerprint', '\\0${stage.inputs}`', '`', 'fingerprint.ts'),
    'depends on which stage it is': engine('two stages with the same inputs', '${stage.id}\\0', '', 'fingerprint.ts'),
    'depends on the version of the tool': engine('another version of the tool', '${tool}\\0', '', 'fingerprint.ts'),
    'depends on what the needs handed over': engine('the same fingerprint', "  for (const need of stage.needs) hash.update(`\\0${need}\\0${outputs.get(need) ?? ''}`)\n", '  void outputs\n', 'fingerprint.ts'),
    'is none where live state is looked at': engine('live state', '  if (stage.inputs === undefined) return undefined\n', '', 'fingerprint.ts'),
    'is none of a check that failed or was skipped': engine('is tried again', "  if (output.outcome !== undefined && output.outcome.kind !== 'completed') return\n", '', 'cache.ts'),
    'is none of a stop': engine('a verdict that stops', 'if (output.transient || output.stop !== undefined) return', 'if (output.transient) return', 'cache.ts'),
    'is none that says it is transient': engine('transient', 'if (output.transient || output.stop !== undefined) return', 'if (output.stop !== undefined) return', 'cache.ts'),
    'is of this very fingerprint': engine('another fingerprint', 'if (entry?.fingerprint !== fingerprint) return undefined', 'if (!entry) return undefined', 'cache.ts'),
    'has its artifacts': engine('artifact is gone', 'return (entry.output.artifacts ?? []).every(store.hasArtifact) ? entry.output : undefined', 'return entry.output', 'cache.ts'),
    'has its artifacts on the disk': onDisk('an artifact', '=> existsSync(path)', "=> path !== ''", 'disk-store.ts'),
    'of a check depends on the files': atStage('stages/check-stage.ts', 'does not read leaves', 'digestOfFiles(workspace.snapshot, files.paths), workspace', "'', workspace"),
    'of a check depends on its options': atStage('stages/check-stage.ts', 'everything that the result', '[check.id, options, tools,', '[check.id, tools,'),
    'of a check depends on its tools': atStage('stages/check-stage.ts', 'everything that the result', '[check.id, options, tools,', '[check.id, options,'),
    'of a check depends on the confinement': atStage('stages/check-stage.ts', 'everything that the result', 'tools, confinement ?? null,', 'tools,'),
    'of a check depends on what was unreadable': atStage('stages/check-stage.ts', 'everything that the result', 'files.paths), workspace.snapshot.unreadable, ', 'files.paths), '),
    'of a check depends on modes': atStage('system/snapshot.ts', 'everything that the result', 'if (file) hash.update(`${path}\\0${file.mode}\\0', 'if (file) hash.update(`${path}\\0'),
    'of one file depends on its content': atStage('stages/per-file.ts', 'only files whose content', 'knownOf(path)?.[0] !== snapshot.files.get(path)?.digest', 'knownOf(path) === undefined'),
    'of one file depends on the key': atStage('stages/per-file.ts', 'under another key', 'request.check, request.key]', 'request.check]'),
    'of one file is an answer': atStage('stages/per-file.ts', 'gives no answer', 'if (!findings) throw new Error(`check ${request.check} gave no answer for ${path}`)', 'if (!findings) return [path, [digest, []]]'),
    'of a build depends on the files': own('stages/build-stage.ts', 'stages/build-stage.test.ts', 'everything', 'process.version, digestOfFiles(workspace.snapshot, reads.paths)]', 'process.version]'),
    'of a build depends on the script': own('stages/build-stage.ts', 'stages/build-stage.test.ts', 'everything', '[input.directory, input.script, input.files,', '[input.directory, input.files,'),
    'of an image depends on how it is compressed': own('stages/image-stage.ts', 'stages/image-stage.test.ts', 'everything that the bytes', 'annotations, input.compression]', 'annotations]'),
    'of an image depends on the runtime': own('stages/runtime-stage.ts', 'stages/image-stage.test.ts', 'below a service', '[runtime.platform, runtime.digest, compression]', '[runtime.platform, compression]'),
    'of an image depends on its time': own('stages/image-stage.ts', 'stages/image-stage.test.ts', 'everything', '[platform, name, created, config,', '[platform, name, config,'),
  },
  'failed and skipped are no pass': {
    'of a check that failed or was skipped': policy('never a pass', "    case 'failed':\n      return undecided", "    case 'failed':\n      return { ...undecided, decision: 'pass' }"),
    'of a check that never ran': policy('never a pass', 'if (!outcome) return undecided', "if (!outcome) return { ...undecided, decision: 'pass' }"),
    'of a stage that broke': policy('is no check', "    ...input.broken.map((text): Reason => ({ kind: 'not-decided', text })),\n"),
    'findings refuse': policy('at the gate', "{ check: gate.check, decision: blocking.length > 0 ? 'refuse' : 'pass'", "{ check: gate.check, decision: 'pass'"),
    'an optional check still refuses': policy('an optional check that ran', "  if (gates.some((gate) => gate.decision === 'refuse')) return 'refused'\n"),
    'what ran unconfined is said': policy('missing confinement', "    ...input.unconfined.map(({ check, how }): Reason => ({ kind: 'unconfined', check, text: `${check} ran code of the repository ${how}` })),\n"),
    'a shut gate stops what comes after': story('stages/admit-stage.ts', faults, 'keeps the gate shut', 'summary: text, stop: text }', 'summary: text }'),
    'an unreadable file fails a check': atStage('stages/check-stage.ts', 'an unreadable file', "if (result.kind === 'completed' && unreadable[0]) {", "if (result.kind === 'skipped' && unreadable[0]) {"),
    'a tree that git cannot list is refused': snapshot('git cannot read', 'if (repository !== undefined) return fail', "if (repository === '') return fail", 'tree-listing.ts'),
    'an undeclared rule is a bug': atStage('stages/check-stage.ts', 'does not declare', 'if (!rule) throw new Error(`check ${check.id} reported ${draft.rule}, which it does not declare`)', "if (!rule) return { ...draft, severity: 'low', confidence: 'low' } as const"),
  },
  'exit codes': {
    '4: a rollback that failed': exitCode('a rollback that failed', "  if (release?.result === 'rollback-failed') return 4\n"),
    '70: a bug': exitCode('a bug', "  if (stages.some((stage) => stage.status === 'internal-error')) return 70\n"),
    '130: interrupted': exitCode('an interruption', '  if (isCancelled) return 130\n'),
    '1: refused': exitCode('a refusal', "  if (verdict.decision === 'refused') return 1\n"),
    '1: given up': exitCode('was given up', "release?.result === 'kept-stable' || "),
    '1: removed': exitCode('was removed', " || release?.result === 'removed'"),
    '1: provisional, and not local': exitCode('anywhere else', "  if (verdict.decision === 'provisional' && target !== 'local') return verdict.reasons", "  if (verdict.decision === 'provisional' && target === '') return verdict.reasons"),
    '3: undecided': exitCode('could not be decided', "verdict.decision === 'undecided' || "),
    '3: a failed stage': exitCode('is no check', " || stages.some((stage) => stage.status === 'failed' && !stage.outcome)"),
  },
  'secrets in what is said': {
    'a check is masked': atStage('stages/check-stage.ts', 'a secret of the machine', 'return mask.value({ ...complete(check, result, workspace.snapshot, mask), ', 'return ({ ...complete(check, result, workspace.snapshot, mask), '),
    'a name of a file is not in the index': snapshot('no content and no names', 'entries[keyOfPath(name)] =', 'entries[name] ='),
    'what is remembered of a file is masked': atStage('stages/check-stage.ts', 'remembered of a file', '[path, mask.value(drafts)]', '[path, drafts]'),
    'values of secret variables are masked': mask('values of secret variables', "    for (const secret of longestFirst) output = output.replaceAll(secret, covered.repeat(secret.length))\n"),
    'lines of secrets are masked': mask('values of secret variables', 'of secret.split(/\\r?\\n/)', 'of [secret]'),
    'passwords in URLs are masked': mask('passwords in URLs', '`${before}:${covered.repeat(password.length)}@`', '`${before}:${password}@`'),
    'what looks like a secret is masked, whichever check quotes it': story('stages/context.ts', 'e2e/secrets.test.ts', 'appears in no output, cache or report: json', 'createMask(input.environment, findKnownSecrets)', 'createMask(input.environment)'),
    'what is remembered of a comment is masked': story('stages/waiver-comments.ts', 'e2e/secrets.test.ts', 'appears in no output, cache or report: json', 'mask.value(await commentsIn(path, content.value))', 'await commentsIn(path, content.value)'),
    'what goes wrong before a stage is masked': story('cli/streams.ts', 'e2e/secrets.test.ts', 'a config that cannot be read', 'forPeople(mask.text(text))', 'forPeople(text)'),
    'a part of a secret is covered where it is quoted': atStage('stages/check-stage.ts', 'quotes a line of a key', "mask.cover(content.value.toString('utf8'))", "content.value.toString('utf8')"),
    'a partial clone fetches nothing': own('system/tree-listing.ts', 'system/history.test.ts', 'a partial clone fetches nothing', "    GIT_NO_LAZY_FETCH: '1',\n    GIT_ALLOW_PROTOCOL: 'none',\n"),
    'a short history is not taken for a whole one': own('system/history.ts', 'system/history.test.ts', 'an object that is damaged', 'exitCode === 0 && isWhole', 'true'),
    'keys of objects lead to values': mask('every string of a value', 'if (Array.isArray(input)) return input.map(value) as T', 'if (Array.isArray(input)) return input'),
  },
  'code of the repository': {
    'has a scrubbed environment': atStage('system/workspace.ts', 'scrubbed environment', 'env: { ...scrubbedEnvironment', 'env: { ...(process.env as Record<string, string>), ...scrubbedEnvironment'),
    'inherits no environment': own('system/processes.ts', 'system/processes.test.ts', 'nothing of our environment', 'env: request.env, detached', 'env: { ...process.env, ...request.env }, detached'),
    'has no network': wall('loopback of its own', "    ...(view.network === 'none' ? ['--unshare-net'] : []),\n"),
    'sees no other process': wall('other processes', "'--unshare-pid', "),
    'has a user namespace of its own': wall('namespaces', "'--unshare-user', "),
    'has IPC of its own': wall('namespaces', "'--unshare-ipc', "),
    'has a host name of its own': wall('namespaces', "'--unshare-uts', "),
    'has no capability': wall('namespaces', ", '--cap-drop', 'ALL']", ']'),
    'has a session of its own': wall('namespaces', "'--new-session', "),
    'sees listed directories only': wall('sees no secret', '    ...systemDirectories.flatMap(bindSystemDirectory),\n    ...systemFiles', "    '--ro-bind',\n    '/',\n    '/',\n    ...systemFiles"),
    'cannot write to packages': wall('cannot be written', "view.nodeModules.flatMap((path) => ['--ro-bind',", "view.nodeModules.flatMap((path) => ['--bind',"),
    'cannot write to our Node': wall('cannot be written', "...outside.flatMap((path) => ['--ro-bind',", "...outside.flatMap((path) => ['--bind',"),
    'cannot write where it only looks': wall('cannot be written', "view.isWritable ? '--bind' : '--ro-bind'", "'--bind'"),
    'is shown the packages': wall('packages are found', "    ...view.nodeModules.flatMap((path) => ['--ro-bind', join(root, path), join(packagesAt, path)]),\n"),
    'sees declared files only': atStage('stages/check-stage.ts', 'not declared', 'files: only?.filter(files.has) ?? files.paths, ', '...(only && { files: only.filter(files.has) }), '),
    'works on a copy': atStage('system/workspace.ts', 'without a wall', "if (command.executes || command.in === 'scratch') {", 'if (isConfined) {'),
    'finds no caches of earlier code': atStage('system/scratch.ts', 'packages are found', '    if (caches.test(name)) continue\n'),
    'does not write through links': atStage('system/scratch.ts', 'below a link', 'if (parentsOf(path).some((parent) => links.has(parent))) {', "if (parentsOf(path).includes('')) {"),
    'hands back files only': atStage('system/workspace.ts', 'what is collected', '!lstatSync(absolute, { throwIfNoEntry: false })?.isFile()', '!lstatSync(absolute, { throwIfNoEntry: false })'),
    'hands back what is in its copy': atStage('system/workspace.ts', 'what is collected', '    if (!realpathSync(absolute).startsWith(realpathSync(directory) + sep)) continue\n'),
    'puts no links into the image': own('system/blob-store.ts', 'system/blob-store.test.ts', 'a link is not kept', 'else if (entry.isFile()) yield path', 'else yield path'),
    'is not run unconfined with --untrusted': atStage('system/workspace.ts', '--untrusted', "const why = confinement.kind === 'unconfined' ? confinement.why : command", 'const why = command'),
    'is not given the network with --untrusted': atStage('system/workspace.ts', 'asks for the network', "command.network === 'host' ? 'its config asks for the network of this machine' : undefined", 'undefined'),
    'is said to have the network': atStage('stages/check-stage.ts', 'asks for the network', "      if (command.executes && command.network === 'host') onHostNetwork()\n"),
    'sees no directory that node_modules leads to': atStage('system/scratch.ts', 'leads out of the tree', 'return real === join(realpathSync(root), path) || real === shared', 'return real !== shared || true'),
    'is said to be unconfined': atStage('stages/check-stage.ts', 'without a wall', 'return ok({ ...outcome, ...(confinement && { confinement }) })', 'return ok(outcome)'),
  },
  'what comes with the repository': {
    'its state directory is refused': state('came with the repository', ' || readTextFile(join(path, marker)) !== inodeOf(path)'),
    'a copy of another state is refused': state('a copy of another', '!== inodeOf(path)', '=== undefined'),
    'a link to a state is refused': state('a link is refused', '!lstatSync(path).isDirectory() || '),
    'the state is for its owner alone': state('for its owner alone', "mkdtempSync(join(root, '.shiplock-'))", "(mkdirSync(join(root, '.shiplock-new')), join(root, '.shiplock-new'))"),
    'git runs no fsmonitor of its': snapshot('tells git to run', "  ['core.fsmonitor', 'false'],\n", '', 'tree-listing.ts'),
    'git is not led elsewhere': snapshot('our own environment', ".filter(([name]) => !name.startsWith('GIT_'))", '', 'tree-listing.ts'),
    'git runs no filter of its': snapshot('a filter that the repository', 'git(root, question, { config })', 'git(root, question)', 'tree-listing.ts'),
    'ignored files are no source': snapshot('with git the tree', "'-t', '--cached', '--others', '--exclude-standard'", "'-t', '--cached', '--others'", 'tree-listing.ts'),
  },
}

/** Every guard whose absence a test is known to notice. */
export const guards: readonly Guard[] = [removals, adoptionRemovals, attestationRemovals, checkRemovals, cloudRunRemovals, cloudTargetRemovals, debianRemovals, deliveryRemovals, dependencyRemovals, joinsRemovals, monitoringRemovals, policyRemovals, probeRemovals, registryRemovals, reportRemovals, sastRemovals, serviceRemovals, supplyRemovals].flatMap((list) => Object.entries(list)).flatMap(([fault, byName]) =>
  Object.entries(byName).map(([name, removal]) => ({ name: `${fault}: ${name}`, fault, ...removal })),
)
