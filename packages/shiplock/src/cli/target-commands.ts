import { visible } from '../report/escape.ts'
import { startLocalTarget, stopLocalTarget } from '../stages/local-target.ts'
import { removePreviews } from '../stages/preview.ts'
import { journalPath } from '../stages/release-stages.ts'
import { CommandFailure } from './report-failure.ts'
import { clock, interruption, openRepository, openState, unwrap, withLock, type CommonOptions } from './session.ts'
import { say } from './streams.ts'
import { liveReleaseTarget, type TargetOptions } from './target-option.ts'

/** `shiplock up` */
export async function upCommand(options: CommonOptions & { readonly port?: number }): Promise<number> {
  const { root, config } = await openRepository(options)
  const { signal, dispose } = interruption()
  try {
    return await withLock(root, { command: 'shiplock up', signal, note: say }, async (state) => {
      const request = { stateDirectory: state.local, layoutDirectory: state.layout, defaultPort: config.targets.local.port, signal }
      const { notes, frontUrl, adminUrl } = unwrap(await startLocalTarget(options.port === undefined ? request : { ...request, port: options.port }))
      if (!options.quiet) notes.forEach((note) => say(`note: ${visible(note)}`))
      process.stdout.write(options.format === 'json' ? `${JSON.stringify({ front: frontUrl, admin: adminUrl })}\n` : `The local target is up: ${frontUrl}\n`)
      return 0
    })
  } finally {
    dispose()
  }
}

export interface DownOptions extends TargetOptions {
  readonly preview?: number
  readonly expiredPreviews?: boolean
}

/** `shiplock down`: the local target; with `--preview` or `--expired-previews` previews alone, on any target. */
export async function downCommand(options: DownOptions): Promise<number> {
  const { preview: pullRequest, expiredPreviews, target } = options
  if (pullRequest !== undefined && expiredPreviews) throw new CommandFailure(2, { message: '--preview and --expired-previews exclude each other', hint: 'the first names one, the second means all that are over' })
  if (pullRequest !== undefined) return removePreviewsOf(options, { pullRequest })
  if (expiredPreviews) return removePreviewsOf(options, { expired: clock.startedAt })
  if (target !== 'local') throw new CommandFailure(2, { message: `shiplock down does not end what people use on ${target}`, hint: 'it removes previews there: --preview NUMBER, or --expired-previews' })
  const { root } = await openRepository(options)
  const { signal, dispose } = interruption()
  try {
    const wasRunning = await withLock(root, { command: 'shiplock down', signal, note: say }, async (state) => unwrap(await stopLocalTarget(state.local)))
    const text = wasRunning ? 'The local target is down.' : 'The local target was not running.'
    process.stdout.write(`${options.format === 'json' ? JSON.stringify({ wasRunning }) : text}\n`)
    return 0
  } finally {
    dispose()
  }
}

/** Takes no lock: it touches nothing of a checkout, and what it removes is read and written by etag. */
async function removePreviewsOf(options: DownOptions, which: Parameters<typeof removePreviews>[2]): Promise<number> {
  const { root, config } = await openRepository(options)
  const { signal, dispose } = interruption()
  try {
    const state = openState(root)
    const target = liveReleaseTarget(options.target, { state, config })
    const { service, removed } = unwrap(await removePreviews(target, config, which, { journal: journalPath(state, target.name), signal, elapsedMs: clock.elapsedMs }))
    const none = 'expired' in which ? `No preview of ${service} is over.` : `There is no such preview of ${service}.`
    process.stdout.write(`${options.format === 'json' ? JSON.stringify({ service, removed }) : removed.length === 0 ? none : `Removed from ${service}: ${removed.join(', ')}`}\n`)
    return 0
  } finally {
    dispose()
  }
}
