import { isLabel, tagLabel } from './names.ts'
import { invalidField } from './status.ts'
import type { Container, Probe, RevisionTemplate } from './service.ts'

/** Set by the platform in every instance; a template may not name them (container contract, "Environment variables"). */
const reservedEnvironment = new Set(['PORT', 'K_SERVICE', 'K_REVISION', 'K_CONFIGURATION'])

/** Checks a template and fills in what Cloud Run fills in. Throws INVALID_ARGUMENT naming the field. */
export function completeTemplate(template: RevisionTemplate | undefined, service: string): RevisionTemplate {
  if (template === undefined) throw invalidField('service.template', 'is required')
  checkRevisionName(template.revision, service)
  const { containers = [], scaling } = template
  const [container, second] = containers
  if (container === undefined) throw invalidField('service.template.containers', 'needs a container')
  if (second !== undefined) throw invalidField('service.template.containers', 'the emulator runs one container in a revision, not several')
  const timeout = template.timeout ?? '300s'
  checkRange('service.template.timeout', secondsOf(timeout), 1, 3600)
  const concurrency = template.maxInstanceRequestConcurrency ?? 80
  checkRange('service.template.max_instance_request_concurrency', concurrency, 1, 1000)
  const maxInstanceCount = scaling?.maxInstanceCount ?? 100
  if ((scaling?.minInstanceCount ?? 0) < 0 || (scaling?.minInstanceCount ?? 0) > maxInstanceCount) {
    throw invalidField('service.template.scaling.min_instance_count', 'must be between 0 and max_instance_count')
  }
  return {
    ...template,
    scaling: { ...scaling, maxInstanceCount },
    timeout,
    maxInstanceRequestConcurrency: concurrency,
    containers: [completeContainer(container, 'service.template.containers[0]')],
  }
}

/** A duration such as `300s` or `0.5s`, in seconds. */
export function secondsOf(duration: string): number {
  return Number(duration.slice(0, -1))
}

function checkRevisionName(revision: string | undefined, service: string): void {
  if (revision === undefined) return
  if (!revision.startsWith(`${service}-`)) {
    throw invalidField('service.template.revision', `must be prefixed by the service name and a hyphen (${service}-)`)
  }
  if (!isLabel(revision)) {
    throw invalidField(
      'service.template.revision',
      'only lower-case letters, digits and hyphens, no hyphen at the end, at most 63 characters',
    )
  }
}

function completeContainer(container: Container, path: string): Container {
  if (container.image === undefined) throw invalidField(`${path}.image`, 'is required')
  checkEnvironment(container.env ?? [], path)
  if ((container.ports?.length ?? 0) > 1) throw invalidField(`${path}.ports`, 'only a single port can be specified')
  const port = { name: 'http1', containerPort: 8080, ...container.ports?.[0] }
  checkRange(`${path}.ports[0].container_port`, port.containerPort, 1, 65535)
  if (port.name !== 'http1') throw invalidField(`${path}.ports[0].name`, 'the emulator speaks HTTP/1.1 to a container: only "http1"')
  if (container.workingDir !== undefined && !container.workingDir.startsWith('/'))
    throw invalidField(`${path}.working_dir`, 'must be absolute')
  const limits = { cpu: '1000m', memory: '512Mi', ...container.resources?.limits }
  checkLimits(limits, path)
  return {
    ...container,
    ports: [port],
    resources: { ...container.resources, limits },
    startupProbe: completeProbe(container.startupProbe, port.containerPort, `${path}.startup_probe`),
  }
}

function checkEnvironment(env: NonNullable<Container['env']>, path: string): void {
  const names = env.map(({ name }) => name ?? '')
  const reserved = names.filter((name) => reservedEnvironment.has(name))
  if (reserved.length > 0) {
    const given = `The following reserved env names were provided: ${reserved.join(', ')}.`
    const description = `${given} These values are automatically set by the system.`
    throw invalidField(`${path}.env`, description)
  }
  for (const [index, { name = '', value = '' }] of env.entries()) {
    const where = `${path}.env[${index}]`
    if (name === '' || /[=\0]/.test(name)) throw invalidField(`${where}.name`, 'must not be empty and must not contain "=" or NUL')
    if (names.indexOf(name) !== index) throw invalidField(`${where}.name`, 'is given twice')
    // k8s.min.proto, EnvVar.value
    if (Buffer.byteLength(value) > 32_768 || value.includes('\0'))
      throw invalidField(`${where}.value`, 'must be at most 32768 bytes, without NUL')
  }
}

function checkLimits(limits: Readonly<Record<string, string>>, path: string): void {
  for (const [name, quantity] of Object.entries(limits)) {
    const syntax = name === 'cpu' ? /^\d+(\.\d+)?$|^\d+m$/ : name === 'memory' ? /^\d+(\.\d+)?([kMGT]|[KMGT]i)?$/ : undefined
    if (syntax === undefined) throw invalidField(`${path}.resources.limits`, 'the emulator knows "cpu" and "memory"')
    if (!syntax.test(quantity))
      throw invalidField(`${path}.resources.limits["${name}"]`, 'is not a quantity such as "1", "1000m" or "512Mi"')
  }
}

/** The default that Cloud Run sets on new services, or the user's probe with the defaults of k8s.min.proto. */
function completeProbe(probe: Probe | undefined, containerPort: number, path: string): Probe {
  if (probe === undefined) return { timeoutSeconds: 240, periodSeconds: 240, failureThreshold: 1, tcpSocket: { port: containerPort } }
  if (probe.httpGet !== undefined && probe.tcpSocket !== undefined)
    throw invalidField(path, 'exactly one of http_get and tcp_socket must be specified')
  const complete = {
    ...probe,
    timeoutSeconds: probe.timeoutSeconds ?? 1,
    periodSeconds: probe.periodSeconds ?? 10,
    failureThreshold: probe.failureThreshold ?? 3,
  }
  checkRange(`${path}.initial_delay_seconds`, probe.initialDelaySeconds ?? 0, 0, 240)
  checkRange(`${path}.timeout_seconds`, complete.timeoutSeconds, 1, 3600)
  checkRange(`${path}.period_seconds`, complete.periodSeconds, 1, 240)
  checkRange(`${path}.failure_threshold`, complete.failureThreshold, 1, 2 ** 31 - 1)
  if (complete.periodSeconds < complete.timeoutSeconds)
    throw invalidField(`${path}.period_seconds`, 'must be greater or equal than timeout_seconds')
  const action = probe.httpGet ?? probe.tcpSocket ?? {}
  if (action.port !== undefined && action.port !== containerPort) {
    throw invalidField(`${path}.port`, 'the emulator gives each instance a port of its own, so a probe can only name the container port')
  }
  if (probe.httpGet === undefined) return { ...complete, tcpSocket: { port: containerPort } }
  const { path: requestPath = '/', httpHeaders = [] } = probe.httpGet
  if (!/^\/[\x21-\x7e]*$/.test(requestPath))
    throw invalidField(`${path}.http_get.path`, 'must begin with "/" and hold printable ASCII only')
  for (const { name = '', value = '' } of httpHeaders) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[^\t\x20-\x7e]/.test(value))
      throw invalidField(`${path}.http_get.http_headers`, 'has a malformed header')
  }
  return { ...complete, httpGet: { ...probe.httpGet, path: requestPath, port: containerPort } }
}

function checkRange(field: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) throw invalidField(field, `must be between ${min} and ${max}`)
}

/** A traffic tag becomes the front of a host name, so tag and service together are one DNS label. */
export function checkTag(field: string, tag: string, service: string): void {
  if (!isLabel(tag) || tag.includes('---')) {
    throw invalidField(field, 'must begin with a letter and hold only lower-case letters, digits and single hyphens, none at the end')
  }
  if (tagLabel(tag, service).length > 63) throw invalidField(field, 'is too long: tag and service name must fit into 63 characters')
}
