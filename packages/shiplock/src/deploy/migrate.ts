import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { awaitResponse, openSession, type ReleaseOptions, type ReleaseTarget, type Session } from './release-session.ts'
import { commitOf, imageReference, type WantedRelease } from './template.ts'
import { stableRevision } from './traffic.ts'

export interface Migration {
  readonly command: readonly string[]
  /** Says by its exit code whether the stable revision could live with it; absent: `command`, told by `SHIPLOCK_MIGRATION=check`. */
  readonly check?: readonly string[]
  readonly serviceAccount?: string
  readonly timeoutSeconds: number
}

/**
 * Brings the database up to date before there is a candidate, by a job of the new image with an identity of its own. The
 * stable revision goes on meanwhile and after a rollback, so what it cannot live with is refused before anything is changed,
 * and that it still answers is looked at afterwards. At a first release there is no stable revision to ask about.
 */
export async function migrate(target: ReleaseTarget, wanted: WantedRelease, migration: Migration, options: ReleaseOptions): Promise<Result<string>> {
  const session = openSession(target, wanted.service, options)
  const live = await session.api.getService(session.service)
  if (!live.ok) return live
  const stable = live.value ? stableRevision(live.value) : undefined
  if (stable && !stable.ok) return stable
  if (live.value && stable) {
    const revision = await session.api.getRevision(`${session.service}/revisions/${stable.value}`)
    if (!revision.ok) return revision
    const told = { SHIPLOCK_MIGRATION: 'check', SHIPLOCK_STABLE_REVISION: stable.value, SHIPLOCK_STABLE_COMMIT: revision.value ? commitOf(revision.value) : '' }
    session.step(`asking whether ${stable.value} can live with the migration`)
    const checked = await runJob(session, wanted, migration, migration.check ?? migration.command, told)
    if (!checked.ok) return fail(refused(stable.value, checked.failure))
  }
  session.step('migrating')
  const done = await runJob(session, wanted, migration, migration.command, { SHIPLOCK_MIGRATION: 'apply' })
  if (!done.ok) return fail({ ...done.failure, message: `the migration failed: ${done.failure.message}`, hint: 'nothing was released; mend the migration, which may have been done in part, and run again' })
  if (live.value && stable) {
    const answer = await awaitResponse(session, live.value.uri, !live.value.invokerIamDisabled)
    if (!answer.ok) return fail({ reason: 'migration-refused', message: `since the migration ${stable.value} does not answer well: ${answer.failure.message}`, hint: 'no candidate was made; undo the migration by hand, it did more than expand' })
  }
  return ok('the database is up to date')
}

const refused = (stable: string, cause: StageFailure): StageFailure =>
  // Only a job that ran and said no is a no: what could not be asked is another failure.
  cause.reason === 'target-refused'
    ? { reason: 'migration-refused', message: `${stable} could not live with the migration: ${cause.message}`, hint: 'only expand in this release, and drop what is not used any more in the next', ...(cause.detail !== undefined && { detail: cause.detail }) }
    : cause

async function runJob(session: Session, wanted: WantedRelease, { serviceAccount, timeoutSeconds }: Migration, command: readonly string[], told: Readonly<Record<string, string>>): Promise<Result<void>> {
  const { api, target } = session
  const id = `${wanted.service}-migrate`
  const name = `${target.parent}/jobs/${id}`
  const env = Object.entries({ ...wanted.env, ...told }).map(([key, value]) => ({ name: key, value }))
  const container = { image: imageReference(wanted), command: command.slice(0, 1), args: command.slice(1), env }
  // Once: what failed half way is for a person, or for the next release, to try again.
  const template = { containers: [container], maxRetries: 0, timeout: `${timeoutSeconds}s`, ...(serviceAccount !== undefined && { serviceAccount }) }
  const body = { template: { taskCount: 1, parallelism: 1, template } }
  const existing = await api.getJob(name)
  if (!existing.ok) return existing
  const written = existing.value ? await api.patchJob(name, existing.value.etag, body) : await api.createJob(target.parent, id, body)
  if (!written.ok) return written
  const ready = await api.waitOperation(written.value, 60_000)
  if (!ready.ok) return ready
  const run = await api.runJob(name)
  return run.ok ? api.waitOperation(run.value, timeoutSeconds * 1000 + 30_000) : run
}
