/**
 * Expected operational trouble, as a value. `reason` is API: tests, exit codes and documents name it.
 * `message` says what happened and where, `hint` what to do. Neither ever holds a secret.
 */
export interface StageFailure {
  readonly reason: FailureReason
  readonly message: string
  readonly hint?: string
  /** The last lines a person needs to see: a service's log, a tool's standard error. Plain text from outside. */
  readonly detail?: string
}

/** Every reason with the sentence that `docs/errors.md` explains it by (a test compares the two). */
export const failureReasons = {
  'tool-missing': 'A program that the stage needs is not installed.',
  'tool-failed': 'A program that the stage runs ended in a way that says nothing about the subject.',
  'timed-out': 'The stage took longer than its time-out.',
  'tree-changed': 'A file was edited while the run was reading it.',
  'unreadable-file': 'A file of the subject could not be read.',
  'no-service': 'The config says that the repository ships no service, and the command is about one.',
  'build-failed': 'The build script of the service failed.',
  'packages-not-installed': 'The production packages could not be installed from the lock file.',
  'image-invalid': 'The image or the layout that holds it is not what its digests say.',
  'archive-unavailable': 'A package of the lock is neither in the store nor to be had from the Debian archive, or Node not from npm’s registry.',
  'archive-refused': 'The Debian archive, a package of it, or the lock is not what signatures and digests promise.',
  'registry-failed': 'A registry did not give or take an image.',
  'signature-invalid': 'What is stated about an image is not signed by whom it has to be.',
  'target-unreachable': 'The target does not answer.',
  'target-refused': 'The target refused the request.',
  'port-taken': 'Another process listens on the port.',
  'revision-not-ready': 'The new revision did not start.',
  'no-stable-revision': 'It cannot be told which revision serves, so nothing was touched.',
  'rollback-failed': 'Traffic could not be given back to the stable revision.',
  'advisories-unavailable': 'Neither an index of advisories nor the registry could say what is known of the dependencies.',
  'no-space': 'The disk is full.',
  'unconfined': 'The stage runs code of the repository and nothing here can confine it.',
  'metrics-unavailable': 'What users are served cannot be seen, so no release is made, or it is taken back.',
  'canary-refused': 'The candidate served users worse than the stable revision, or too little could be told.',
  'migration-refused': 'The stable revision could not live with what a migration does, so it was not made.',
  'deploy-in-progress': 'Another deploy of the same service is under way.',
} as const satisfies Record<string, string>

export type FailureReason = keyof typeof failureReasons

export type Result<T, F = StageFailure> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: F }

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value })
export const fail = <F>(failure: F): Result<never, F> => ({ ok: false, failure })

/**
 * The end of what a program said, for the detail of a failure. A private key that is cut has lost what would tell that it is
 * one: what is left of it is left out.
 */
export function endOf(text: string, { lines = 30, characters = 8000 } = {}): string {
  const whole = text.trimEnd()
  const end = whole.split('\n').slice(-lines).join('\n').slice(-characters)
  const before = whole.slice(0, whole.length - end.length)
  const begin = before.lastIndexOf('-----BEGIN')
  if (begin < 0 || before.includes('-----END', begin)) return end
  const close = end.indexOf('-----END')
  const next = close < 0 ? -1 : end.indexOf('\n', close)
  return next < 0 ? '' : end.slice(next + 1)
}
