import type { Config } from '../../config/config.ts'
import { googleIdentity } from '../../system/google-identity.ts'
import { good, type Examination } from './examination.ts'
import { askGoogle, field, items, type ApiAnswer, type AskGoogle } from './google-api.ts'

/** APIs that a release speaks to, or that what it writes rests on. */
const apis = ['run', 'artifactregistry', 'iam', 'iamcredentials', 'secretmanager', 'monitoring', 'logging']

/** What the identity of a release needs of the project, and what for. Terraform's deployer has them. */
const permissions: Readonly<Record<string, string>> = {
  'run.services.get': 'see what serves',
  'run.services.update': 'make a revision and move traffic',
  'run.revisions.list': 'find what to go back to',
  'run.operations.get': 'wait for what was asked',
  'artifactregistry.repositories.uploadArtifacts': 'push the image',
  'monitoring.timeSeries.list': 'watch the canary',
  'logging.logEntries.list': 'shiplock logs',
}

/** Beyond it Google refuses tokens that are signed here. */
const mostAheadMs = 60_000

type Cloud = NonNullable<Config['targets']['cloud-run']>

/** Whether config and cloud agree, before anything fails half way. Only asks. */
export async function examineCloud(config: Config, environment: NodeJS.ProcessEnv, { signal, now }: { readonly signal: AbortSignal; readonly now: () => number }): Promise<readonly Examination[]> {
  const cloud = config.targets['cloud-run']
  if (cloud === null) return [{ topic: 'cloud', name: 'config', state: 'missing', text: 'the config names no target cloud-run', mend: "targets: { 'cloud-run': { project, location, repository } }, as `terraform output` says them" }]
  const token = await googleIdentity(cloud.project, environment).accessToken()
  if (!token.ok) return [{ topic: 'cloud', name: 'credentials', state: 'missing', text: token.failure.message, mend: 'gcloud auth application-default login' }]
  const ask = askGoogle(token.value, { environment, signal, now })
  const service = await ask('run', `v2/projects/${cloud.project}/locations/${cloud.location}/services/${config.service.name}`)
  const lines = [good('cloud', 'credentials', 'a token was given')]
  if (!service.ok) return [...lines, { topic: 'cloud', name: 'network', state: 'missing', text: `Cloud Run cannot be reached: ${service.failure}`, mend: 'see proxy and firewall: https to run.googleapis.com' }]
  return [
    ...lines,
    clock(service.value),
    ...(await location(ask, cloud)),
    ...(await enabledApis(ask, cloud)),
    ...(await grants(ask, cloud)),
    ...(await repository(ask, cloud)),
    ...(await examineService(ask, config, cloud, service.value)),
  ]
}

function clock({ aheadMs }: ApiAnswer): Examination {
  if (aheadMs === undefined) return { topic: 'cloud', name: 'clock', state: 'unknown', text: 'the answer had no date' }
  const seconds = Math.round(Math.abs(aheadMs) / 1000)
  if (Math.abs(aheadMs) <= mostAheadMs) return good('cloud', 'clock', `${seconds} s from Google's`)
  return { topic: 'cloud', name: 'clock', state: 'missing', text: `${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} Google's: tokens and signatures made here are refused`, mend: 'timedatectl set-ntp true' }
}

const unknown = (name: string, why: string): Examination => ({ topic: 'cloud', name, state: 'unknown', text: `could not be looked at: ${why}` })

async function location(ask: AskGoogle, { project, location }: Cloud): Promise<Examination[]> {
  const answer = await ask('run', `v1/projects/${project}/locations`)
  if (!answer.ok) return [unknown('region', answer.failure)]
  if (answer.value.status !== 200) return [unknown('region', answer.value.message)]
  const known = items(field(answer.value.body, 'locations')).flatMap((it) => (typeof field(it, 'locationId') === 'string' ? [field(it, 'locationId') as string] : []))
  if (known.includes(location)) return [good('cloud', 'region', location)]
  const near = known.filter((id) => id.split('-')[0] === location.split('-')[0]).slice(0, 5)
  return [{ topic: 'cloud', name: 'region', state: 'missing', text: `Cloud Run is not offered in ${location}`, mend: `targets.cloud-run.location in the config: ${near.join(', ') || known.slice(0, 5).join(', ')}` }]
}

async function enabledApis(ask: AskGoogle, { project }: Cloud): Promise<Examination[]> {
  const names = apis.map((api) => `names=${encodeURIComponent(`projects/${project}/services/${api}.googleapis.com`)}`).join('&')
  const answer = await ask('serviceusage', `v1/projects/${project}/services:batchGet?${names}`)
  if (!answer.ok) return [unknown('APIs', answer.failure)]
  if (answer.value.status !== 200) return [unknown('APIs', answer.value.message)]
  const enabled = new Set(items(field(answer.value.body, 'services')).flatMap((it) => (field(it, 'state') === 'ENABLED' ? [String(field(it, 'name')).split('/').at(-1)] : [])))
  const missing = apis.map((api) => `${api}.googleapis.com`).filter((api) => !enabled.has(api))
  return [missing.length === 0 ? good('cloud', 'APIs', `${apis.length} enabled`) : { topic: 'cloud', name: 'APIs', state: 'missing', text: `not enabled: ${missing.join(', ')}`, mend: `gcloud services enable ${missing.join(' ')} --project ${project} (or apply terraform/bootstrap)` }]
}

async function grants(ask: AskGoogle, { project }: Cloud): Promise<Examination[]> {
  const answer = await ask('cloudresourcemanager', `v3/projects/${project}:testIamPermissions`, { permissions: Object.keys(permissions) })
  if (!answer.ok) return [unknown('permissions', answer.failure)]
  if (answer.value.status !== 200) return [unknown('permissions', answer.value.message)]
  const granted = new Set(items(field(answer.value.body, 'permissions')))
  const missing = Object.keys(permissions).filter((permission) => !granted.has(permission))
  if (missing.length === 0) return [good('cloud', 'permissions', `${Object.keys(permissions).length} of ${Object.keys(permissions).length}`)]
  // Those of a repository may be granted on it alone.
  const named = missing.map((permission) => `${permission} (${permissions[permission]})`).join(', ')
  return [{ topic: 'cloud', name: 'permissions', state: missing.some((permission) => permission.startsWith('run.')) ? 'missing' : 'note', text: `not granted on the project: ${named}`, mend: 'terraform/modules/identity grants them to the deployer; run as that one' }]
}

async function repository(ask: AskGoogle, { repository }: Cloud): Promise<Examination[]> {
  const parts = /^([a-z0-9-]+)-docker\.pkg\.dev\/([^/]+)\/([^/]+)\//.exec(repository)
  if (!parts) return [{ topic: 'cloud', name: 'repository', state: 'note', text: `${repository} is not in Artifact Registry: Cloud Run takes images from there, or through a remote repository of it` }]
  const [, where, project, name] = parts
  const answer = await ask('artifactregistry', `v1/projects/${project}/locations/${where}/repositories/${name}`)
  if (!answer.ok) return [unknown('repository', answer.failure)]
  const { status, body, message } = answer.value
  if (status === 404) return [{ topic: 'cloud', name: 'repository', state: 'missing', text: `there is no repository ${name} in ${where} of ${project}`, mend: 'terraform apply makes it (modules/registry)' }]
  if (status !== 200) return [{ topic: 'cloud', name: 'repository', state: 'missing', text: message, mend: 'roles/artifactregistry.writer on that repository for who deploys' }]
  if (field(body, 'format') !== 'DOCKER') return [{ topic: 'cloud', name: 'repository', state: 'missing', text: `${name} holds ${String(field(body, 'format')).toLowerCase()}, no images`, mend: 'name another one by targets.cloud-run.repository' }]
  return [field(field(body, 'dockerConfig'), 'immutableTags') === true ? good('cloud', 'repository', name ?? '') : { topic: 'cloud', name: 'repository', state: 'note', text: `${name}: a tag can be moved there`, mend: 'immutable_tags = true in Terraform' }]
}

async function examineService(ask: AskGoogle, config: Config, cloud: Cloud, { status, body, message }: ApiAnswer): Promise<Examination[]> {
  const { name, port } = config.service
  if (status === 404) return [{ topic: 'cloud', name: 'service', state: 'note', text: `there is no ${name} in ${cloud.location} yet: the first deploy makes it, with the project's default identity`, mend: 'terraform apply makes it with an identity of its own (modules/service)' }]
  if (status !== 200) return [{ topic: 'cloud', name: 'service', state: 'missing', text: message, mend: 'roles/run.developer on the service for who deploys' }]
  const template = field(body, 'template')
  const container = items(field(template, 'containers'))[0]
  const served = field(items(field(container, 'ports'))[0], 'containerPort')
  const serves = items(field(body, 'traffic')).length > 0 || items(field(body, 'trafficStatuses')).length > 0
  const identity = field(template, 'serviceAccount')
  return [
    serves ? good('cloud', 'service', `${name} serves at ${String(field(body, 'uri') ?? '?')}`) : { topic: 'cloud', name: 'service', state: 'missing', text: `no revision of ${name} has traffic: a release finds nothing to go back to and is refused`, mend: `gcloud run services update-traffic ${name} --to-latest --region ${cloud.location} --project ${cloud.project}` },
    ...(typeof served === 'number' && served !== port ? [{ topic: 'cloud', name: 'port', state: 'note', text: `it listens on ${served} now, and the next release tells it ${port}`, mend: `service: { port: ${served} } in the config, if that is meant` } as const] : []),
    await identityOf(ask, cloud, identity),
    field(field(body, 'binaryAuthorization'), 'useDefault') === true || typeof field(field(body, 'binaryAuthorization'), 'policy') === 'string' ? good('cloud', 'admission', 'Binary Authorization is on') : { topic: 'cloud', name: 'admission', state: 'note', text: 'Binary Authorization is off: whoever may deploy can deploy what is not proven', mend: 'profile = "hardened" in Terraform (modules/admission)' },
    ...(await secrets(ask, cloud, container, template)),
  ]
}

async function identityOf(ask: AskGoogle, { project }: Cloud, identity: unknown): Promise<Examination> {
  if (typeof identity !== 'string' || identity === '' || identity.endsWith('-compute@developer.gserviceaccount.com')) return { topic: 'cloud', name: 'identity', state: 'note', text: 'the service runs as the default account of Compute Engine, which may do far more than it needs', mend: 'modules/identity in Terraform has one of its own' }
  const answer = await ask('iam', `v1/projects/${project}/serviceAccounts/${encodeURIComponent(identity)}:testIamPermissions`, { permissions: ['iam.serviceAccounts.actAs'] })
  if (!answer.ok) return unknown('identity', answer.failure)
  if (answer.value.status === 404) return { topic: 'cloud', name: 'identity', state: 'missing', text: `there is no ${identity} any more`, mend: 'terraform apply makes it (modules/identity)' }
  if (answer.value.status !== 200) return unknown('identity', answer.value.message)
  return items(field(answer.value.body, 'permissions')).includes('iam.serviceAccounts.actAs') ? good('cloud', 'identity', identity) : { topic: 'cloud', name: 'identity', state: 'missing', text: `who is signed in may not deploy as ${identity}`, mend: `gcloud iam service-accounts add-iam-policy-binding ${identity} --role roles/iam.serviceAccountUser --member WHO --project ${project}` }
}

/** Each version that the service asks for: a release whose secret is gone starts no instance. */
async function secrets(ask: AskGoogle, { project }: Cloud, container: unknown, template: unknown): Promise<Examination[]> {
  const ofEnvironment = items(field(container, 'env')).flatMap((it) => {
    const reference = field(field(it, 'valueSource'), 'secretKeyRef')
    return reference === undefined ? [] : [{ secret: String(field(reference, 'secret')), version: String(field(reference, 'version') ?? 'latest') }]
  })
  const ofFiles = items(field(template, 'volumes')).flatMap((it) => {
    const volume = field(it, 'secret')
    return volume === undefined ? [] : items(field(volume, 'items')).map((item) => ({ secret: String(field(volume, 'secret')), version: String(field(item, 'version') ?? 'latest') }))
  })
  const asked = [...new Map([...ofEnvironment, ...ofFiles].map((it) => [`${it.secret}:${it.version}`, it])).values()]
  return Promise.all(asked.map(async ({ secret, version }): Promise<Examination> => {
    const name = secret.startsWith('projects/') ? secret : `projects/${project}/secrets/${secret}`
    const short = `secret ${secret.split('/').at(-1)}`
    const answer = await ask('secretmanager', `v1/${name}/versions/${version}`)
    if (!answer.ok) return unknown(short, answer.failure)
    if (answer.value.status === 404) return { topic: 'cloud', name: short, state: 'missing', text: `there is no version ${version}`, mend: `gcloud secrets versions add ${secret.split('/').at(-1)} --data-file - --project ${project}` }
    if (answer.value.status !== 200) return unknown(short, answer.value.message)
    if (field(answer.value.body, 'state') !== 'ENABLED') return { topic: 'cloud', name: short, state: 'missing', text: `version ${version} is ${String(field(answer.value.body, 'state')).toLowerCase()}`, mend: `gcloud secrets versions enable ${version} --secret ${secret.split('/').at(-1)} --project ${project}` }
    return version === 'latest' ? { topic: 'cloud', name: short, state: 'note', text: 'by `latest`: a new version changes what runs without a release', mend: 'name the number of the version' } : good('cloud', short, `version ${version}`)
  }))
}
