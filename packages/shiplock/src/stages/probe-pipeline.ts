import { ok } from '@shiplock/findings'
import probe from '../checks/probe/index.ts'
import type { Stage } from '../engine/stage.ts'
import { runCheck, selectFiles } from './check-stage.ts'
import type { PipelineContext } from './context.ts'
import { assemble, type Pipeline } from './pipeline.ts'
import { policyStage, policyStageId } from './policy-stage.ts'
import { siteClient } from './probe-client.ts'

/** The probe of any site, which is read and never written to: `shiplock probe URL`. */
export function probePipeline(context: PipelineContext, url: URL): Pipeline {
  const { config, workspace, mask, toolVersion } = context
  // Asked for by name it runs also where a release would leave it out.
  const options = probe.options.parse({ ...(config.checks[probe.id] as object | undefined), path: `${url.pathname}${url.search}` })
  const stage: Stage = {
    id: probe.id,
    title: probe.title,
    subject: 'revision',
    needs: [],
    timeoutMs: options.timeoutSeconds * 1000 + 30_000,
    run: async ({ signal }) =>
      ok(
        await runCheck({
          check: probe,
          options,
          workspace,
          mask,
          toolVersion,
          files: selectFiles(workspace.snapshot, []),
          // Nobody says which image answers there, and no statement is made of it.
          subject: { kind: 'revision', digest: `sha256:${'0'.repeat(64)}`, service: url.hostname, revision: '', uri: url.href },
          signal,
          http: siteClient(url.origin),
        }),
      ),
  }
  const policy = policyStage(context, [])
  return assemble(context, { stages: [stage, policy.stage], checks: [probe.id, policyStageId], works: [], target: 'none', missingPromises: [], policy })
}
