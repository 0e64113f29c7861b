import { visible } from '../report/escape.ts'
import { startLocalTarget, stopLocalTarget } from '../stages/local-target.ts'
import { interruption, openRepository, unwrap, withLock, type CommonOptions } from './session.ts'
import { say } from './streams.ts'

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

/** `shiplock down` */
export async function downCommand(options: CommonOptions): Promise<number> {
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
