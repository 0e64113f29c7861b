import { completeServiceContainer, completeVolumes } from './container.ts'
import { isLabel } from './names.ts'
import { checkRange, invalidField } from './status.ts'
import type { RevisionTemplate } from './service.ts'

/** Checks a template and fills in what Cloud Run fills in. Throws INVALID_ARGUMENT naming the field. */
export function completeTemplate(template: RevisionTemplate | undefined, service: string): RevisionTemplate {
  if (template === undefined) throw invalidField('service.template', 'is required')
  checkRevisionName(template.revision, service)
  const { containers = [], scaling } = template
  const [container, second] = containers
  if (container === undefined) throw invalidField('service.template.containers', 'needs a container')
  if (second !== undefined) throw invalidField('service.template.containers', 'the emulator runs one container in a revision, not several')
  const volumes = completeVolumes(template.volumes ?? [], 'service.template.volumes')
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
    ...(volumes.length === 0 ? {} : { volumes }),
    containers: [completeServiceContainer(container, volumes, 'service.template.containers[0]')],
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

/** Cloud Run's own limit: between them are three hyphens in the host name, and behind them a hash. */
const longestTagAndService = 46

/** A traffic tag becomes the front of a host name, so tag and service together are one DNS label. */
export function checkTag(field: string, tag: string, service: string): void {
  if (!isLabel(tag) || tag.includes('---')) {
    throw invalidField(field, 'must begin with a letter and hold only lower-case letters, digits and single hyphens, none at the end')
  }
  if (tag.length + service.length > longestTagAndService) throw invalidField(field, `is too long: the traffic tag and the service name '${service}' cannot exceed ${longestTagAndService} characters together`)
}
