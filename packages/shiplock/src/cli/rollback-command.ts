import { rollBack } from '../deploy/rollback.ts'
import { visible } from '../report/escape.ts'
import { admitAgain } from '../stages/deploy-pipeline.ts'
import { journalPath } from '../stages/release-stages.ts'
import { ok } from '@shiplock/findings'
import { CommandFailure } from './report-failure.ts'
import { clock, interruption } from './session.ts'
import { print, say } from './streams.ts'
import { liveTarget, type TargetOptions } from './target-option.ts'

/** `shiplock rollback [REVISION]`: all traffic back, by one write. Builds nothing, and waits for nobody. */
export async function rollbackCommand(revision: string | undefined, options: TargetOptions): Promise<number> {
  const { signal, dispose } = interruption()
  try {
    const { repository, state, target, deployTarget } = await liveTarget(options, signal)
    const { config, root } = repository
    const mayServe: Parameters<typeof rollBack>[3] = async (digest) => {
      const admitted = await admitAgain({ state, config, environment: process.env, workspace: { snapshot: { root } } }, target, digest, signal)
      if (!admitted.ok) return admitted
      if (!options.quiet) for (const warning of admitted.value) say(`note: ${visible(warning)}`)
      return ok(undefined)
    }
    const onStep = (text: string) => !options.quiet && say(visible(text))
    const result = await rollBack(deployTarget, config.service.name, revision, mayServe, { journalPath: journalPath(state, target.name), signal, elapsedMs: clock.elapsedMs, onStep, firstWaitMs: 25 })
    if (!result.ok) throw new CommandFailure(result.failure.reason === 'rollback-failed' ? 4 : 3, result.failure)
    const { from, to } = result.value
    const milliseconds = Math.round(clock.elapsedMs())
    print(options.format === 'json' ? JSON.stringify({ service: config.service.name, target: options.target, from, to, milliseconds }) : visible(`${to} serves everything again, instead of ${from.map((it) => it.revision).join(', ')} (${milliseconds} ms)`))
    return 0
  } finally {
    dispose()
  }
}
