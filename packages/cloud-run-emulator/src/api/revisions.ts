import { writeMessage } from '../resource/proto-json.ts'
import { revisionType } from '../resource/schema.ts'
import { viewRevision } from '../platform/view.ts'
import { flag, page, parameter, type Handler } from './call.ts'
import { writeOperation } from './operations.ts'

/** `projects.locations.services.revisions` (google.cloud.run.v2.Revisions). */
export const getRevision: Handler = (call) => {
  const { service = '', revision = '' } = call.path
  const found = call.platform.revision(service, revision)
  return writeMessage(revisionType, viewRevision(call.platform.service(service), found, call.platform.place), call.enums)
}

/** Newest first. */
export const listRevisions: Handler = (call) => {
  const record = call.platform.service(call.path['service'] ?? '')
  const { items, ...more } = page(call, record.revisions.toReversed())
  return {
    revisions: items.map((revision) => writeMessage(revisionType, viewRevision(record, revision, call.platform.place), call.enums)),
    ...more,
  }
}

export const deleteRevision: Handler = (call) => {
  const { service = '', revision = '' } = call.path
  return writeOperation(
    call,
    call.platform.deleteRevision(service, revision, parameter(call, 'etag'), { validateOnly: flag(call, 'validateOnly') }),
  )
}
