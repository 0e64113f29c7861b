import type { PlanStage } from '@shiplock/findings'
import { checkPipeline } from '../stages/pipeline.ts'
import { fullPipeline } from '../stages/release-pipeline.ts'
import { localTarget } from '../stages/local-target.ts'
import { visible } from '../report/escape.ts'
import { clock, interruption, openRepository, unwrap, withContext, type CommonOptions } from './session.ts'

const everything = { only: [], skip: [] }

const short = (hash: string) => hash.replace(/^sha256:/, '').slice(0, 12)

/** `shiplock plan`: the document that a run would follow. */
export async function planCommand(options: CommonOptions): Promise<number> {
  const repository = await openRepository(options)
  const { signal, dispose } = interruption()
  try {
    return await withContext(repository, { useCache: true, isUntrusted: false, command: 'shiplock plan', signal, note: (text) => process.stderr.write(`${text}\n`) }, async (context) => {
      const { plan } = !context.config.shipsService ? await checkPipeline(context, everything) : unwrap(await fullPipeline(context, everything, { target: localTarget(context, {}), signal, elapsedMs: clock.elapsedMs }))
      if (options.format === 'json') process.stdout.write(`${JSON.stringify(plan, null, 2)}\n`)
      else {
        // In full, for those who compare: --format json.
        process.stdout.write(`plan   ${short(plan.hash)}\ntree   ${short(plan.tree)}\ntarget ${visible(plan.target)}\n\n`)
        const widest = (of: (stage: PlanStage) => string) => Math.max(...plan.stages.map((stage) => of(stage).length))
        const [ids, subjects] = [widest(({ id }) => id), widest(({ subject }) => subject)]
        for (const stage of plan.stages) {
          const tools = Object.entries(stage.tools).map(([name, version]) => `${name} ${version}`)
          process.stdout.write(visible(`${stage.id.padEnd(ids)}  ${stage.subject.padEnd(subjects)}  ${short(stage.inputs).padEnd(12)}  needs ${stage.needs.join(', ') || 'nothing'}${stage.executes ? '; runs repository code' : ''}${tools.length > 0 ? `; ${tools.join(', ')}` : ''}`) + '\n')
        }
      }
      return 0
    })
  } finally {
    dispose()
  }
}
