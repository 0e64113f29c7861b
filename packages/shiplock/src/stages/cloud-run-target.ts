import { dockerCredentials, ImageError, type CredentialSource } from '@shiplock/image'
import { fail, ok, type Result } from '@shiplock/findings'
import { cloudMonitoringSource } from '../deploy/canary/cloud-monitoring.ts'
import { prometheusSource } from '../deploy/canary/prometheus.ts'
import { candidateTag } from '../deploy/traffic.ts'
import { googleIdentity, type GoogleIdentity } from '../system/google-identity.ts'
import type { PipelineContext } from './context.ts'
import type { ReleaseTarget } from './release-stages.ts'
import { cloudLogs } from './service-logs.ts'

/** As `gcloud` names them: where the APIs are, for a private endpoint or an emulator. */
const endpoints = {
  run: ['CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN', 'https://run.googleapis.com/'],
  monitoring: ['CLOUDSDK_API_ENDPOINT_OVERRIDES_MONITORING', 'https://monitoring.googleapis.com/'],
  logging: ['CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING', 'https://logging.googleapis.com/'],
} as const

const endpoint = (api: keyof typeof endpoints, environment: NodeJS.ProcessEnv): string => environment[endpoints[api][0]] || endpoints[api][1]
const prometheusScrapeMs = 60_000
const ingresses = { all: 'INGRESS_TRAFFIC_ALL', internal: 'INGRESS_TRAFFIC_INTERNAL_ONLY', 'internal-and-load-balancer': 'INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER' } as const

/** Cloud Run itself, with the credentials of whoever runs this: a person's, or those of Workload Identity Federation. No `gcloud` is needed. */
export function cloudRunTarget({ config }: Pick<PipelineContext, 'config'>, environment: NodeJS.ProcessEnv): Result<ReleaseTarget> {
  const cloud = config.targets['cloud-run']
  if (cloud === null) return fail({ reason: 'target-refused', message: 'the config names no target cloud-run', hint: "add `targets: { 'cloud-run': { project, location, repository } }` to shiplock.config.ts" })
  // With the tag of a candidate it is a label of a host name, and Cloud Run says how long that may be.
  const longestName = 46 - candidateTag.length
  if (config.service.name.length > longestName) return fail({ reason: 'target-refused', message: `the name ${config.service.name} has ${config.service.name.length} characters: on Cloud Run it has at most ${longestName}, beside the tag of a candidate`, hint: 'give a shorter one by `service.name`' })
  const { project, location, repository, ingress, binaryAuthorization, preview, canary, prometheus } = cloud
  const identity = googleIdentity(project, environment)
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
    isShared: true,
    registry: { repository, credentials: registryCredentials(identity) },
    ...(ingress !== null && { ingress: ingresses[ingress] }),
    ...(binaryAuthorization && { attester: { ...binaryAuthorization, environment } }),
    ...(preview && { previews: preview }),
    connect: async () => {
      // Asked for once at the start: a release must not find out half way that nobody is signed in.
      const token = await identity.accessToken()
      if (!token.ok) return token
      return ok({ adminUrl: endpoint('run', environment), token: identity.accessToken, identityToken: identity.identityToken, metrics, logs: cloudLogs({ url: endpoint('logging', environment), token: identity.accessToken, project, location }), notes: [] })
    },
  })
}

/** Google's own registries take the token of whoever is signed in. The config names the registry, and a commit has no say in who is told that token: any other gets what `docker login` left. */
export function registryCredentials({ accessToken }: Pick<GoogleIdentity, 'accessToken'>): CredentialSource {
  const others = dockerCredentials()
  return async (registry, signal) => {
    if (!/^(?:[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io)$/.test(registry)) return others(registry, signal)
    const token = await accessToken()
    if (!token.ok) throw new ImageError('credentials-unavailable', token.failure.message, { ...(token.failure.hint !== undefined && { hint: token.failure.hint }) })
    return { kind: 'password', username: 'oauth2accesstoken', password: token.value }
  }
}
