import type { Parent } from '../resource/names.ts'
import { ApiError } from '../resource/status.ts'

/** The etag that the caller saw is not that of now. */
export function conflict(name: string, given: string, current: string): ApiError {
  return new ApiError('ABORTED', `Conflict for resource '${name}': version '${given}' was specified but current version is '${current}'.`)
}

export function notFound({ project, location }: Parent, kind: string, name: string): ApiError {
  return new ApiError('NOT_FOUND', `Resource '${name}' of kind '${kind}' in region '${location}' in project '${project}' does not exist.`)
}
