import { createHash } from 'node:crypto'
import type { Digest } from '@shiplock/findings'
import type { Revision, RevisionTemplate } from './cloud-run.ts'

/** What shall run: everything that makes one revision different from another. */
export interface WantedRelease {
  /** Id of the service: lower-case letters, digits and hyphens, at most 49. */
  readonly service: string
  /** By digest, always: a tag can be moved under a running service. */
  readonly image: { readonly name: string; readonly digest: Digest }
  readonly env: Readonly<Record<string, string>>
  /** Port that the image is told to listen on, by `PORT`. */
  readonly port: number
  /** Limits, as `1` or `1000m`, and `512Mi`. Absent: as the service has them. */
  readonly resources?: { readonly cpu: string; readonly memory: string }
  readonly startupProbe: StartupProbe
  /** Recorded with the revision; another commit with the same image is the same revision. */
  readonly commit?: string
  /** Whether anybody may call the service. Decides only at its first release; later it is the owner's to change. */
  readonly isPublic: boolean
  /** Who may reach the service, at its first release: `INGRESS_TRAFFIC_…`; from everywhere where absent. */
  readonly ingress?: string
}

export interface StartupProbe {
  /** Requested by GET; absent where a listening port is enough. */
  readonly path?: string
  readonly periodSeconds: number
  readonly timeoutSeconds: number
  readonly failureThreshold: number
}

const fingerprintAnnotation = 'shiplock.dev/fingerprint'
const commitAnnotation = 'shiplock.dev/commit'
const envAnnotation = 'shiplock.dev/env'

/** Hash of what makes the revision. */
export function fingerprintOf({ image, env, port, resources, startupProbe }: WantedRelease): string {
  const { path, periodSeconds, timeoutSeconds, failureThreshold } = startupProbe
  const limits = resources ? [resources.cpu, resources.memory] : null
  const content = [
    image.name,
    image.digest,
    Object.entries(env).toSorted(byName),
    port,
    limits,
    [path ?? null, periodSeconds, timeoutSeconds, failureThreshold],
  ]
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32)
}

/** `todo-3f1c09ab52`, from the service and the fingerprint; at the nth attempt with a number, since a name is used once. */
export function revisionName(wanted: WantedRelease, attempt = 1): string {
  return `${wanted.service}-${fingerprintOf(wanted).slice(0, 10)}${attempt === 1 ? '' : `-${attempt}`}`
}

/** The commit that a revision says it was made of; empty where it says none. */
export const commitOf = ({ annotations }: Revision): string => annotations[commitAnnotation] ?? ''

/** How the name of a revision begins that a release made with this fingerprint: one made by hand has the annotations and another name. */
export const fingerprintedName = (service: string, { annotations }: Revision): string =>
  `${service.slice(service.lastIndexOf('/') + 1)}-${annotations[fingerprintAnnotation]?.slice(0, 10) ?? '?'}`

/** Whether a revision is what is wanted. The image is compared as well: an annotation can be written by hand. */
export function isWanted(revision: Revision, wanted: WantedRelease): boolean {
  return revision.annotations[fingerprintAnnotation] === fingerprintOf(wanted) && revision.containers[0]?.image === imageReference(wanted)
}

/**
 * Whether a revision has the very versions of secrets that the service's template would give to a new one. Secrets are the owner's to
 * set, beside the config: a new version is another revision, or nobody would ever run it.
 */
export const hasSecretsOf = (revision: Revision, base: RevisionTemplate): boolean => secretsOf(revision) === secretsOf(base)

function secretsOf({ containers, volumes = [] }: Pick<RevisionTemplate, 'containers' | 'volumes'>): string {
  const shortName = (secret: string) => secret.slice(secret.lastIndexOf('/') + 1)
  const inEnv = containers.flatMap(({ env }, index) => env.flatMap(({ name, valueSource }) => (valueSource?.secretKeyRef ? [`${index} ${name}=${shortName(valueSource.secretKeyRef.secret)}:${valueSource.secretKeyRef.version}`] : [])))
  const inFiles = volumes.flatMap(({ name, secret }) => (secret ? secret.items.map(({ path, version }) => `${name}/${path}=${shortName(secret.secret)}:${version}`) : []))
  return [...inEnv, ...inFiles].toSorted().join('\n')
}

/**
 * The template of the new revision. What the service's owner has set beside (identity, network, volumes, secrets, scaling)
 * is carried over from the service's template; image, resources, probe and the environment that was ours are replaced.
 */
export function templateOf(wanted: WantedRelease, revision: string, base?: RevisionTemplate): RevisionTemplate {
  const [container, ...sidecars] = base?.containers ?? []
  const ours = new Set([...(base?.annotations[envAnnotation] ?? '').split(','), ...Object.keys(wanted.env)])
  const carried = (container?.env ?? []).filter(({ name }) => !ours.has(name))
  const env = Object.entries(wanted.env)
    .toSorted(byName)
    .map(([name, value]) => ({ name, value }))
  return {
    ...base,
    revision,
    labels: { ...base?.labels, 'managed-by': 'shiplock' },
    annotations: {
      ...base?.annotations,
      [fingerprintAnnotation]: fingerprintOf(wanted),
      [envAnnotation]: env.map(({ name }) => name).join(','),
      [commitAnnotation]: wanted.commit ?? '',
    },
    containers: [
      {
        ...container,
        image: imageReference(wanted),
        env: [...carried, ...env],
        ports: [{ containerPort: wanted.port }],
        ...(wanted.resources && { resources: { limits: { ...wanted.resources } } }),
        startupProbe: probeOf(wanted.startupProbe),
      },
      ...sidecars,
    ],
  }
}

export const imageReference = ({ image }: WantedRelease): string => `${image.name}@${image.digest}`

const probeOf = ({ path, ...times }: StartupProbe) => ({ ...times, ...(path === undefined ? { tcpSocket: {} } : { httpGet: { path } }) })

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0)
