import { httpTransport, adminApi } from '../deploy/admin-api.ts'
import { servingRevisions } from '../deploy/traffic.ts'
import { visible } from '../report/escape.ts'
import { localLocation, localProject, runningTarget, startLocalTarget, stopLocalTarget } from '../stages/local-target.ts'
import { readTextFile } from '../system/files.ts'
import { CommandFailure } from './report-failure.ts'
import { interruption, openRepository, hasState, openState, unwrap, withLock, type CommonOptions } from './session.ts'
import { say } from './streams.ts'
import { ok } from '@shiplock/findings'

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

/** `shiplock status` */
export async function statusCommand(options: CommonOptions): Promise<number> {
  const { root, config } = await openRepository(options)
  const running = hasState(root) ? runningTarget(openState(root).local) : undefined
  if (!running) throw new CommandFailure(3, { message: 'the local target is not running', hint: 'start it: shiplock up, or shiplock run' })
  const { adminUrl, frontUrl, tokenFile } = running
  const api = adminApi({ transport: httpTransport(adminUrl, async () => ok(readTextFile(tokenFile)?.trim() ?? '')) })
  const service = unwrap(await api.getService(`projects/${localProject}/locations/${localLocation}/services/${config.service.name}`))
  const serving = service ? [...servingRevisions(service)].map(([revision, percent]) => ({ revision, percent })) : []
  if (options.format === 'json') process.stdout.write(`${JSON.stringify({ service: config.service.name, front: frontUrl, runtime: running.runtime, serving })}\n`)
  else {
    process.stdout.write(`${config.service.name} at ${frontUrl} (${running.runtime})\n`)
    for (const { revision, percent } of serving) process.stdout.write(visible(`  ${percent}%  ${revision}`) + '\n')
    if (serving.length === 0) process.stdout.write('  nothing is deployed\n')
  }
  return 0
}
