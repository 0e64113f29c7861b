import { readKnativeService } from '../knative/read.ts'
import { apiVersion, viewKnativeRevision, viewKnativeService } from '../knative/view.ts'
import { notFound } from '../platform/refusals.ts'
import type { ServiceRecord } from '../platform/record.ts'
import type { JsonObject } from '../resource/proto-json.ts'
import { invalidField } from '../resource/status.ts'
import { flag, parameter, type Call, type Handler } from './call.ts'

/** As much of the v1 API as `gcloud run services` and `gcloud run revisions` speak: a second view of the same services. */
export const getKnativeService: Handler = (call) => view(call, call.platform.service(call.path['service'] ?? ''))

export const listKnativeServices: Handler = (call) => ({
  apiVersion,
  kind: 'ServiceList',
  metadata: {},
  items: call.platform.services().map((record) => view(call, record)),
})

export const createKnativeService: Handler = (call) => {
  const { id, given } = readKnativeService(call.body)
  const { metadata } = call.platform.create(id, given, { validateOnly: isDryRun(call) })
  return isDryRun(call) ? metadata : view(call, call.platform.service(id))
}

export const replaceKnativeService: Handler = (call) => {
  const { id, given } = readKnativeService(call.body)
  if (id !== call.path['service']) throw invalidField('metadata.name', 'is not the name in the path')
  call.platform.update(id, given, undefined, { validateOnly: isDryRun(call) })
  return view(call, call.platform.service(id))
}

export const deleteKnativeService: Handler = (call) => {
  call.platform.delete(call.path['service'] ?? '', undefined)
  return { apiVersion: 'v1', kind: 'Status', status: 'Success' }
}

export const getKnativeRevision: Handler = (call) => {
  const name = call.path['revision'] ?? ''
  const service = call.platform.services().find(({ revisions }) => revisions.some((revision) => revision.name === name))
  if (service === undefined) throw notFound(call.platform.place.parent, 'REVISION', name)
  return viewKnativeRevision(service, call.platform.revision(service.id, name), call.platform.place)
}

/** Newest first; `labelSelector` as gcloud uses it, by service. */
export const listKnativeRevisions: Handler = (call) => {
  const selector = parameter(call, 'labelSelector') ?? ''
  const [, wanted] = /^serving\.knative\.dev\/service\s*(?:=|==| in \()\s*([a-z0-9-]+)\)?$/.exec(selector) ?? []
  if (selector !== '' && wanted === undefined) throw invalidField('labelSelector', 'the emulator selects by serving.knative.dev/service only')
  const services = call.platform.services().filter(({ id }) => wanted === undefined || id === wanted)
  return {
    apiVersion,
    kind: 'RevisionList',
    metadata: {},
    items: services.flatMap((service) => service.revisions.toReversed().map((revision) => viewKnativeRevision(service, revision, call.platform.place))),
  }
}

/** Service Usage: gcloud asks first whether the API is on. */
export const getUsedService: Handler = (call) => ({
  name: `projects/${call.platform.place.parent.project}/services/${call.path['api'] ?? ''}`,
  state: 'ENABLED',
})

/** google.cloud.location.Location: where Cloud Run is offered, which is here alone. */
export const listLocations: Handler = ({ platform }) => {
  const { project, location } = platform.place.parent
  return { locations: [{ name: `projects/${project}/locations/${location}`, locationId: location }] }
}

function view({ platform }: Call, record: ServiceRecord): JsonObject {
  return viewKnativeService(record, platform.place)
}

const isDryRun = (call: Call) => parameter(call, 'dryRun') === 'all' || flag(call, 'validateOnly')
