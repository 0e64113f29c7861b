import { isLabel } from './names.ts'
import { completeProbe, completeStartupProbe } from './probe.ts'
import { checkRange, invalidField } from './status.ts'
import type { Container, EnvVar, Probe, Volume } from './service.ts'

/** Set by the platform in every instance; a template may not name them (container contract, "Environment variables"). */
export const serviceEnvironment: ReadonlySet<string> = new Set(['PORT', 'K_SERVICE', 'K_REVISION', 'K_CONFIGURATION'])
export const jobEnvironment: ReadonlySet<string> = new Set([
  'CLOUD_RUN_JOB',
  'CLOUD_RUN_EXECUTION',
  'CLOUD_RUN_TASK_INDEX',
  'CLOUD_RUN_TASK_ATTEMPT',
  'CLOUD_RUN_TASK_COUNT',
])

/** Bytes, as Kubernetes writes them. */
const byteQuantity = /^\d+(\.\d+)?([kMGT]|[KMGT]i)?$/

/** The one container of a revision. */
export function completeServiceContainer(container: Container, volumes: readonly Volume[], path: string): Container {
  const complete = completeContainer(container, volumes, serviceEnvironment, path)
  if ((container.ports?.length ?? 0) > 1) throw invalidField(`${path}.ports`, 'only a single port can be specified')
  const port = { name: 'http1', containerPort: 8080, ...container.ports?.[0] }
  checkRange(`${path}.ports[0].container_port`, port.containerPort, 1, 65535)
  if (!['http1', 'h2c'].includes(port.name)) throw invalidField(`${path}.ports[0].name`, 'must be "http1" or "h2c"')
  const { startupProbe, livenessProbe, readinessProbe } = container
  const probe = (given: Probe | undefined, name: string) =>
    given === undefined ? undefined : completeProbe(given, port.containerPort, `${path}.${name}`)
  const [liveness, readiness] = [probe(livenessProbe, 'liveness_probe'), probe(readinessProbe, 'readiness_probe')]
  return {
    ...complete,
    ports: [port],
    startupProbe: completeStartupProbe(startupProbe, port.containerPort, `${path}.startup_probe`),
    ...(liveness === undefined ? {} : { livenessProbe: liveness }),
    ...(readiness === undefined ? {} : { readinessProbe: readiness }),
  }
}

/** The container of a task: it listens to nothing and is probed by nobody. */
export function completeTaskContainer(container: Container, volumes: readonly Volume[], path: string): Container {
  const field = (['ports', 'startupProbe', 'livenessProbe', 'readinessProbe'] as const).find((name) => container[name] !== undefined)
  if (field !== undefined) throw invalidField(`${path}.${field}`, 'a job has none')
  return completeContainer(container, volumes, jobEnvironment, path)
}

function completeContainer(container: Container, volumes: readonly Volume[], reserved: ReadonlySet<string>, path: string): Container {
  if (container.image === undefined) throw invalidField(`${path}.image`, 'is required')
  checkEnvironment(container.env ?? [], reserved, path)
  checkMounts(container.volumeMounts ?? [], volumes, path)
  if (container.workingDir !== undefined && !container.workingDir.startsWith('/'))
    throw invalidField(`${path}.working_dir`, 'must be absolute')
  const limits = { cpu: '1000m', memory: '512Mi', ...container.resources?.limits }
  checkLimits(limits, path)
  return { ...container, resources: { ...container.resources, limits } }
}

export function completeVolumes(volumes: readonly Volume[], path: string): readonly Volume[] {
  const names = volumes.map(({ name = '' }) => name)
  for (const [index, { name = '', secret, emptyDir }] of volumes.entries()) {
    const where = `${path}[${index}]`
    if (!isLabel(name)) throw invalidField(`${where}.name`, 'must be a DNS label')
    if (names.indexOf(name) !== index) throw invalidField(`${where}.name`, 'is given twice')
    if ((secret === undefined) === (emptyDir === undefined)) throw invalidField(where, 'exactly one of secret and empty_dir must be specified')
    if (emptyDir?.sizeLimit !== undefined && !byteQuantity.test(emptyDir.sizeLimit)) throw invalidField(`${where}.empty_dir.size_limit`, 'is not a quantity such as "64Mi"')
    if (secret !== undefined && secret.secret === undefined) throw invalidField(`${where}.secret.secret`, 'is required')
    for (const [item, { path: file = '' }] of (secret?.items ?? []).entries()) {
      // One file in the mount itself: what it is called must not lead out of it.
      if (!/^[\w.-]{1,255}$/.test(file) || file === '.' || file === '..')
        throw invalidField(`${where}.secret.items[${item}].path`, 'must be a file name of letters, digits, ".", "_" and "-"')
    }
  }
  return volumes
}

function checkMounts(mounts: NonNullable<Container['volumeMounts']>, volumes: readonly Volume[], path: string): void {
  const paths = mounts.map(({ mountPath = '' }) => mountPath)
  for (const [index, { name, mountPath = '' }] of mounts.entries()) {
    const where = `${path}.volume_mounts[${index}]`
    if (!volumes.some((volume) => volume.name === name)) throw invalidField(`${where}.name`, 'names no volume of the template')
    if (!/^(\/[\w.@-]+)+$/.test(mountPath) || mountPath.split('/').some((part) => part === '.' || part === '..'))
      throw invalidField(`${where}.mount_path`, 'must be an absolute path without "." and ".."')
    if (/^\/(proc|dev|sys|cloudsql)(\/|$)/.test(mountPath)) throw invalidField(`${where}.mount_path`, 'is reserved')
    if (paths.some((other, at) => at !== index && (other === mountPath || other.startsWith(`${mountPath}/`))))
      throw invalidField(`${where}.mount_path`, 'holds another mount')
  }
}

function checkEnvironment(env: readonly EnvVar[], reservedNames: ReadonlySet<string>, path: string): void {
  const names = env.map(({ name }) => name ?? '')
  const reserved = names.filter((name) => reservedNames.has(name))
  if (reserved.length > 0) {
    const given = `The following reserved env names were provided: ${reserved.join(', ')}.`
    const description = `${given} These values are automatically set by the system.`
    throw invalidField(`${path}.env`, description)
  }
  for (const [index, { name = '', value = '', valueSource }] of env.entries()) {
    const where = `${path}.env[${index}]`
    if (name === '' || /[=\0]/.test(name)) throw invalidField(`${where}.name`, 'must not be empty and must not contain "=" or NUL')
    if (names.indexOf(name) !== index) throw invalidField(`${where}.name`, 'is given twice')
    if (valueSource !== undefined && (value !== '' || valueSource.secretKeyRef?.secret === undefined))
      throw invalidField(`${where}.value_source.secret_key_ref.secret`, 'is required, and then there is no value')
    // k8s.min.proto, EnvVar.value
    if (Buffer.byteLength(value) > 32_768 || value.includes('\0'))
      throw invalidField(`${where}.value`, 'must be at most 32768 bytes, without NUL')
  }
}

function checkLimits(limits: Readonly<Record<string, string>>, path: string): void {
  for (const [name, quantity] of Object.entries(limits)) {
    const syntax = name === 'cpu' ? /^\d+(\.\d+)?$|^\d+m$/ : name === 'memory' ? byteQuantity : undefined
    if (syntax === undefined) throw invalidField(`${path}.resources.limits`, 'the emulator knows "cpu" and "memory"')
    if (!syntax.test(quantity))
      throw invalidField(`${path}.resources.limits["${name}"]`, 'is not a quantity such as "1", "1000m" or "512Mi"')
  }
}
