import { unit, type Removal, type Removals } from './guard.ts'

const source = 'packages/cloud-run-emulator/src'
const own = (file: string, test: string, pattern: string, remove: string, replacement = ''): Removal => unit(`${source}/${file}`, `${source}/${test}`, pattern, remove, replacement)
const scaling = (file: string, pattern: string, remove: string, replacement = ''): Removal => own(file, 'instances/scaling.test.ts', pattern, remove, replacement)
const secrets = (file: string, pattern: string, remove: string, replacement = ''): Removal => own(file, 'secrets/secrets.test.ts', pattern, remove, replacement)

/** Guards of the local Cloud Run. */
export const cloudRunRemovals: Removals = {
  'the local Cloud Run is asked by a stranger': {
    'nothing is told without the token': own('api/admin-api.ts', 'metrics/metrics.test.ts', 'requests are counted', '    guard(request, options.token)\n'),
    'the v1 API has the same guard': own('api/request-guard.ts', 'knative/knative.test.ts', 'permissions, and whether', "  if (request.headers.authorization === undefined)\n    throw new ApiError('UNAUTHENTICATED', 'The request needs the header \"Authorization: Bearer\" with the admin token.')\n  if (!isToken", "  if (request.headers.authorization !== undefined && !isToken"),
    'no registry is asked that nobody asked for': own('emulator.ts', 'instances/registry-image.test.ts', 'pulled where that is asked for', 'options.pull === true ?', '(options.pull ?? true) ?'),
    'a label ends where it ends': own('metrics/exposition.ts', 'metrics/metrics.test.ts', 'label values', `.replace(/[\\\\"\\n]/g, (char) => (char === '\\n' ? '\\\\n' : \`\\\\\${char}\`))`),
    'pseudo-header fields stay in HTTP/2': own('front/headers.ts', 'front/http2.test.ts', 'cookies that came one by one', "!key.startsWith(':') && "),
  },
  'a secret of the local Cloud Run': {
    'a file stays in its mount': secrets('resource/container.ts', 'a secret file named', "if (!/^[\\w.-]{1,255}$/.test(file) || file === '.' || file === '..')", "if (file === '')"),
    'what cannot be read is no empty value': secrets('secrets/secret-store.ts', 'gets versions', "if (state !== 'ENABLED' || data === undefined)", "if (data === undefined)"),
    'a destroyed version is gone': secrets('secrets/secret-store.ts', 'gets versions', "state === 'DESTROYED' ? { ...rest, state, destroyTime: new Date().toISOString() } :", "state === 'DESTROYED' && secret.versions.length < 0 ? { ...rest, state, destroyTime: new Date().toISOString() } :"),
    'a payload is what its sender says': secrets('api/secret-manager.ts', 'gets versions', 'String(checksum) !== String(crc32c(bytes))', "String(checksum) === ''"),
    'a mount cannot be written to': secrets('instances/bubblewrap.ts', 'mounted where the template says', "return ['--tmpfs', mount.path, ...files, '--remount-ro', mount.path]", "return ['--tmpfs', mount.path, ...files]"),
    'the root that was made anew cannot either': secrets('instances/bubblewrap.ts', 'mounted where the template says', '    ...layout.seal,\n'),
  },
  'an instance that misbehaves': {
    'memory is limited': scaling('instances/launcher.ts', 'takes more memory', "              running.signal('SIGKILL')\n            })", '            })'),
    'what does not live is killed': scaling('instances/instance.ts', 'liveness probe fails', '      kill()\n'),
    'what is not ready gets nothing': scaling('instances/revision-pool.ts', 'readiness probe fails', 'if (slot.isLeaving || !slot.instance.isReady || slot.inFlight >= concurrency) continue', 'if (slot.isLeaving || slot.inFlight >= concurrency) continue'),
    'it gets no more at once than it takes': scaling('instances/revision-pool.ts', 'no more requests at once', 'if (slot.isLeaving || !slot.instance.isReady || slot.inFlight >= concurrency) continue', 'if (slot.isLeaving || !slot.instance.isReady) continue'),
    'waiting has an end': scaling('instances/revision-pool.ts', 'told 429', "if (this.#starting === 0 && !this.#isRestarting) settle('saturated')", "if (this.#starting < 0) settle('saturated')"),
    'waiting is part of the time-out': scaling('instances/revision-pool.ts', 'counts the wait', "setTimeout(() => settle('late'), timeoutMs)", "setTimeout(() => settle('late'), timeoutMs * 100)"),
    'who waits for what crashed is served by the next': own('instances/revision-pool.ts', 'emulator.test.ts', 'an instance that dies', '      void this.#startAgain()\n    })\n    this.#serveWaiting(slot)', '    })\n    this.#serveWaiting(slot)'),
    'what one died of is for no other': own('front/forward.ts', 'emulator.test.ts', 'a request that an instance dies of', 'if (!attempt.isSent && !isSecond) return', 'if (!attempt.isSent) return'),
    'what was closed by one that is well is asked again': own('front/forward.ts', 'front/front.test.ts', 'closes just now', 'if (attempt.isReused && mayRepeat) send(instance, true)\n      else ', ''),
    'what changes something is not sent twice': own('front/forward.ts', 'front/front.test.ts', 'closes just now', '!isSecond && !exchange.hasBody && !outgoing.headersSent && repeatable.has', '!isSecond && !outgoing.headersSent && !repeatable.has'),
    'what is in flight is waited for': own('instances/revision-pool.ts', 'front/transitions.test.ts', 'no request fails', 'if (slot.inFlight > 0 && !signal.aborted) {', 'if (slot.inFlight < 0 && !signal.aborted) {'),
  },
  'a job of the local Cloud Run': {
    'no retries are none': own('resource/proto-json.ts', 'jobs/jobs.test.ts', 'no retries', "return number === 0 && type === 'int32' ? undefined : number", 'return number === 0 ? undefined : number'),
    'a task has an end': own('jobs/run-task.ts', 'jobs/jobs.test.ts', 'takes longer than it may', 'delay(secondsOf(timeout) * 1000,', 'delay(secondsOf(timeout) * 100_000,'),
    'what was cut off goes on': own('jobs/jobs.ts', 'jobs/jobs.test.ts', 'an execution that an emulator left', '        this.#run(id, name)\n'),
    'a failure is not a success': own('jobs/jobs.ts', 'jobs/jobs.test.ts', 'a task that fails', 'const result = failure === undefined || wasCancelling ?', "const result = failure !== '' || wasCancelling ?"),
  },
}
