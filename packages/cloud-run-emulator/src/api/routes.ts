import type { Parent } from '../resource/names.ts'
import { ApiError, invalidField } from '../resource/status.ts'
import type { Handler } from './call.ts'
import { cancelExecution, createJob, deleteExecution, deleteJob, getExecution, getJob, getTask, listExecutions, listJobs, listTasks, runJob, updateJob } from './jobs.ts'
import { getOperation, listOperations, waitOperation } from './operations.ts'
import { deleteRevision, getRevision, listRevisions } from './revisions.ts'
import * as knative from './knative.ts'
import * as secrets from './secret-manager.ts'
import { createService, deleteService, getIamPolicy, getService, listServices, setIamPolicy, testIamPermissions, updateService } from './services.ts'

interface Route {
  readonly method: string
  /** As the google.api.http annotations of the protos have it. */
  readonly path: string
  readonly handler: Handler
}

/** Below `/v2/projects/P/locations/L/`. */
const routes: readonly Route[] = [
  { method: 'POST', path: 'services', handler: createService },
  { method: 'GET', path: 'services', handler: listServices },
  { method: 'GET', path: 'services/{service}', handler: getService },
  { method: 'PATCH', path: 'services/{service}', handler: updateService },
  { method: 'DELETE', path: 'services/{service}', handler: deleteService },
  { method: 'GET', path: 'services/{service}:getIamPolicy', handler: getIamPolicy },
  { method: 'POST', path: 'services/{service}:setIamPolicy', handler: setIamPolicy },
  { method: 'POST', path: 'services/{service}:testIamPermissions', handler: testIamPermissions },
  { method: 'GET', path: 'services/{service}/revisions', handler: listRevisions },
  { method: 'GET', path: 'services/{service}/revisions/{revision}', handler: getRevision },
  { method: 'DELETE', path: 'services/{service}/revisions/{revision}', handler: deleteRevision },
  { method: 'POST', path: 'jobs', handler: createJob },
  { method: 'GET', path: 'jobs', handler: listJobs },
  { method: 'GET', path: 'jobs/{job}', handler: getJob },
  { method: 'PATCH', path: 'jobs/{job}', handler: updateJob },
  { method: 'DELETE', path: 'jobs/{job}', handler: deleteJob },
  { method: 'POST', path: 'jobs/{job}:run', handler: runJob },
  { method: 'GET', path: 'jobs/{job}/executions', handler: listExecutions },
  { method: 'GET', path: 'jobs/{job}/executions/{execution}', handler: getExecution },
  { method: 'DELETE', path: 'jobs/{job}/executions/{execution}', handler: deleteExecution },
  { method: 'POST', path: 'jobs/{job}/executions/{execution}:cancel', handler: cancelExecution },
  { method: 'GET', path: 'jobs/{job}/executions/{execution}/tasks', handler: listTasks },
  { method: 'GET', path: 'jobs/{job}/executions/{execution}/tasks/{task}', handler: getTask },
  { method: 'GET', path: 'operations', handler: listOperations },
  { method: 'GET', path: 'operations/{operation}', handler: getOperation },
  { method: 'POST', path: 'operations/{operation}:wait', handler: waitOperation },
]

/** Below `/v1/projects/P/`. */
const secretRoutes: readonly Route[] = [
  { method: 'POST', path: 'secrets', handler: secrets.createSecret },
  { method: 'GET', path: 'secrets', handler: secrets.listSecrets },
  { method: 'GET', path: 'secrets/{secret}', handler: secrets.getSecret },
  { method: 'DELETE', path: 'secrets/{secret}', handler: secrets.deleteSecret },
  { method: 'POST', path: 'secrets/{secret}:addVersion', handler: secrets.addSecretVersion },
  { method: 'GET', path: 'secrets/{secret}/versions', handler: secrets.listSecretVersions },
  { method: 'GET', path: 'secrets/{secret}/versions/{version}', handler: secrets.getSecretVersion },
  { method: 'GET', path: 'secrets/{secret}/versions/{version}:access', handler: secrets.accessSecretVersion },
  { method: 'POST', path: 'secrets/{secret}/versions/{version}:enable', handler: secrets.enableSecretVersion },
  { method: 'POST', path: 'secrets/{secret}/versions/{version}:disable', handler: secrets.disableSecretVersion },
  { method: 'POST', path: 'secrets/{secret}/versions/{version}:destroy', handler: secrets.destroySecretVersion },
]

/** Below `/apis/serving.knative.dev/v1/namespaces/P/`. */
const knativeRoutes: readonly Route[] = [
  { method: 'GET', path: 'services', handler: knative.listKnativeServices },
  { method: 'POST', path: 'services', handler: knative.createKnativeService },
  { method: 'GET', path: 'services/{service}', handler: knative.getKnativeService },
  { method: 'PUT', path: 'services/{service}', handler: knative.replaceKnativeService },
  { method: 'DELETE', path: 'services/{service}', handler: knative.deleteKnativeService },
  { method: 'GET', path: 'revisions', handler: knative.listKnativeRevisions },
  { method: 'GET', path: 'revisions/{revision}', handler: knative.getKnativeRevision },
]

/** Below `/v1/projects/P/locations/L/`: what v1 has besides its Knative half. */
const locationRoutes: readonly Route[] = [
  { method: 'GET', path: 'services', handler: knative.listKnativeServices },
  { method: 'GET', path: 'services/{service}:getIamPolicy', handler: getIamPolicy },
  { method: 'POST', path: 'services/{service}:setIamPolicy', handler: setIamPolicy },
  { method: 'POST', path: 'services/{service}:testIamPermissions', handler: testIamPermissions },
]

/** Where Cloud Run is offered (google.cloud.location.Locations, as v1 has it): here one place. */
const placeRoutes: readonly Route[] = [{ method: 'GET', path: 'locations', handler: knative.listLocations }]

const usageRoutes: readonly Route[] = [{ method: 'GET', path: 'services/{api}', handler: knative.getUsedService }]

const compile = (table: readonly Route[]) =>
  table.map((route) => ({ ...route, pattern: new RegExp(`^${route.path.replace(/\{(\w+)\}/g, '(?<$1>[^/:]+)')}$`) }))

const apis = [
  { prefix: /^\/v2\/projects\/(?<project>[^/]+)\/locations\/(?<location>[^/]+)\/(?<rest>.+)$/, routes: compile(routes) },
  { prefix: /^\/apis\/serving\.knative\.dev\/v1\/namespaces\/(?<project>[^/]+)\/(?<rest>.+)$/, routes: compile(knativeRoutes) },
  { prefix: /^\/v1\/projects\/(?<project>[^/]+)\/locations\/(?<location>[^/]+)\/(?<rest>.+)$/, routes: compile(locationRoutes) },
  { prefix: /^\/v1\/projects\/(?<project>[^/]+)\/(?<rest>locations)$/, routes: compile(placeRoutes) },
  { prefix: /^\/v1\/projects\/(?<project>[^/]+)\/(?<rest>services\/.+)$/, routes: compile(usageRoutes) },
  { prefix: /^\/v1\/projects\/(?<project>[^/]+)\/(?<rest>secrets.*)$/, routes: compile(secretRoutes) },
]

/** The handler for a request and its variables. UNIMPLEMENTED for what the emulator lacks, INVALID_ARGUMENT for another project. */
export function findRoute(
  method: string,
  pathname: string,
  parent: Parent,
): { readonly handler: Handler; readonly path: Readonly<Record<string, string>> } {
  for (const api of apis) {
    const { project, location = '-', rest = '' } = api.prefix.exec(pathname)?.groups ?? {}
    if (project === undefined) continue
    if (project !== parent.project || (location !== parent.location && location !== '-'))
      throw invalidField('name', `this emulator has projects/${parent.project}/locations/${parent.location} only`)
    for (const { method: wanted, pattern, handler } of api.routes) {
      const match = wanted === method ? pattern.exec(rest) : null
      if (match !== null) return { handler, path: { ...match.groups } }
    }
    throw new ApiError('UNIMPLEMENTED', `The emulator does not implement ${method} of this path.`)
  }
  throw new ApiError('NOT_FOUND', 'The emulator serves /v2/projects/PROJECT/locations/LOCATION/… the v1 API of gcloud, and /v1/projects/PROJECT/secrets….')
}
