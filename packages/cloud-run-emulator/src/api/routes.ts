import type { Parent } from '../resource/names.ts'
import { ApiError, invalidField } from '../resource/status.ts'
import type { Handler } from './call.ts'
import { getOperation, listOperations, waitOperation } from './operations.ts'
import { deleteRevision, getRevision, listRevisions } from './revisions.ts'
import { createService, deleteService, getIamPolicy, getService, listServices, setIamPolicy, updateService } from './services.ts'

interface Route {
  readonly method: string
  /** Below `/v2/projects/P/locations/L/`, as the google.api.http annotations of the protos have it. */
  readonly path: string
  readonly handler: Handler
}

const routes: readonly Route[] = [
  { method: 'POST', path: 'services', handler: createService },
  { method: 'GET', path: 'services', handler: listServices },
  { method: 'GET', path: 'services/{service}', handler: getService },
  { method: 'PATCH', path: 'services/{service}', handler: updateService },
  { method: 'DELETE', path: 'services/{service}', handler: deleteService },
  { method: 'GET', path: 'services/{service}:getIamPolicy', handler: getIamPolicy },
  { method: 'POST', path: 'services/{service}:setIamPolicy', handler: setIamPolicy },
  { method: 'GET', path: 'services/{service}/revisions', handler: listRevisions },
  { method: 'GET', path: 'services/{service}/revisions/{revision}', handler: getRevision },
  { method: 'DELETE', path: 'services/{service}/revisions/{revision}', handler: deleteRevision },
  { method: 'GET', path: 'operations', handler: listOperations },
  { method: 'GET', path: 'operations/{operation}', handler: getOperation },
  { method: 'POST', path: 'operations/{operation}:wait', handler: waitOperation },
]

const compiled = routes.map((route) => ({
  ...route,
  pattern: new RegExp(`^${route.path.replace(/\{(\w+)\}/g, '(?<$1>[^/:]+)')}$`),
}))

/** The handler for a request and its variables. UNIMPLEMENTED for what the emulator lacks, INVALID_ARGUMENT for another project. */
export function findRoute(
  method: string,
  pathname: string,
  parent: Parent,
): { readonly handler: Handler; readonly path: Readonly<Record<string, string>> } {
  const [, project, location, rest = ''] = /^\/v2\/projects\/([^/]+)\/locations\/([^/]+)\/(.+)$/.exec(pathname) ?? []
  if (project === undefined || location === undefined)
    throw new ApiError('NOT_FOUND', 'The emulator serves /v2/projects/PROJECT/locations/LOCATION/….')
  if (project !== parent.project || (location !== parent.location && location !== '-')) {
    throw invalidField('name', `this emulator has projects/${parent.project}/locations/${parent.location} only`)
  }
  for (const { method: wanted, pattern, handler } of compiled) {
    const match = wanted === method ? pattern.exec(rest) : null
    if (match !== null) return { handler, path: { ...match.groups } }
  }
  throw new ApiError('UNIMPLEMENTED', `The emulator does not implement ${method} of this path.`)
}
