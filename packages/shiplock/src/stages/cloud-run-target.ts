import { fail, ok, type Result } from '@shiplock/findings'
import { openLayout, pushImage } from '@shiplock/image'
import { cloudMonitoringSource } from '../deploy/canary/cloud-monitoring.ts'
import { prometheusSource } from '../deploy/canary/prometheus.ts'
import { googleIdentity } from '../system/google-identity.ts'
import type { PipelineContext } from './context.ts'
import { imageFailure } from './image-failure.ts'
import type { ReleaseTarget } from './release-stages.ts'

/** As `gcloud` names them: where the APIs are, for a private endpoint or an emulator. */
const endpoints = {
  run: ['CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN', 'https://run.googleapis.com/'],
  monitoring: ['CLOUDSDK_API_ENDPOINT_OVERRIDES_MONITORING', 'https://monitoring.googleapis.com/'],
} as const

const endpoint = (api: keyof typeof endpoints, environment: NodeJS.ProcessEnv): string => environment[endpoints[api][0]] || endpoints[api][1]
const prometheusScrapeMs = 60_000

/** Cloud Run itself, with the credentials of whoever runs this: a person's, or those of Workload Identity Federation. No `gcloud` is needed. */
export function cloudRunTarget({ config, state }: Pick<PipelineContext, 'config' | 'state'>, environment: NodeJS.ProcessEnv): Result<ReleaseTarget> {
  const cloud = config.targets['cloud-run']
  if (cloud === null) return fail({ reason: 'target-refused', message: 'the config names no target cloud-run', hint: "add `targets: { 'cloud-run': { project, location, repository } }` to shiplock.config.ts" })
  const { project, location, repository, canary, prometheus } = cloud
  const identity = googleIdentity(project)
  const metrics = (service: string) =>
    prometheus === null
      ? cloudMonitoringSource({ url: endpoint('monitoring', environment), token: identity.accessToken }, project, service)
      : prometheusSource({ url: prometheus, token: async () => ok(undefined) }, service, prometheusScrapeMs)
  return ok({
    name: 'cloud-run',
    title: 'Cloud Run',
    project,
    location,
    canary,
    imageName: repository,
    publish: async (digest, signal) => {
      const token = await identity.accessToken()
      if (!token.ok) return token
      try {
        const layout = await openLayout(state.layout)
        const { blobs } = await pushImage(layout, digest, `${repository}@${digest}`, { signal, credentials: async () => ({ kind: 'password', username: 'oauth2accesstoken', password: token.value }) })
        return ok(`${repository}: ${blobs.sent} blobs sent, ${blobs.there + blobs.mounted} there already`)
      } catch (error) {
        const failure = imageFailure(error)
        if (failure) return fail(failure)
        throw error
      }
    },
    connect: async () => {
      // Asked for once at the start: a release must not find out half way that nobody is signed in.
      const token = await identity.accessToken()
      if (!token.ok) return token
      return ok({ adminUrl: endpoint('run', environment), token: identity.accessToken, identityToken: identity.identityToken, metrics, notes: [] })
    },
  })
}
