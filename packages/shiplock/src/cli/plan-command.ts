import { fullPipeline } from '../stages/release-pipeline.ts'
import { localTarget } from '../stages/local-target.ts'
import { visible } from '../report/escape.ts'
import { clock, interruption, openRepository, unwrap, withContext, type CommonOptions } from './session.ts'

/** `shiplock plan`: the document that a run would follow. */
export async function planCommand(options: CommonOptions): Promise<number> {
  const repository = await openRepository(options)
  const { signal, dispose } = interruption()
  try {
    return await withContext(repository, { useCache: true, isUntrusted: false, command: 'shiplock plan', signal, note: (text) => process.stderr.write(`${text}\n`) }, async (context) => {
      const { plan } = unwrap(await fullPipeline(context, { only: [], skip: [] }, { target: localTarget(context, {}), signal, elapsedMs: clock.elapsedMs }))
      if (options.format === 'json') process.stdout.write(`${JSON.stringify(plan, null, 2)}\n`)
      else {
        process.stdout.write(`plan ${plan.hash}\ntree ${plan.tree}\ntarget ${plan.target}\n\n`)
        for (const stage of plan.stages) {
          const tools = Object.entries(stage.tools).map(([name, version]) => `${name} ${version}`)
          process.stdout.write(visible(`${stage.id.padEnd(8)} ${stage.subject.padEnd(9)} ${stage.inputs.slice(0, 12).padEnd(13)} needs ${stage.needs.join(', ') || 'nothing'}${stage.executes ? '; runs repository code' : ''}${tools.length > 0 ? `; ${tools.join(', ')}` : ''}`) + '\n')
        }
      }
      return 0
    })
  } finally {
    dispose()
  }
}
