import type { SecretAccess } from '../instances/secret-values.ts'
import { ApiError } from '../resource/status.ts'
import type { SecretStore } from './secret-store.ts'

/** Reads the secrets that templates name, `NAME` or `projects/PROJECT/secrets/NAME`. Those of other projects are not here. */
export function secretAccess(store: SecretStore, project: string): SecretAccess {
  return (reference, version) => {
    const [, inProject, id] = /^projects\/([^/]+)\/secrets\/([^/]+)$/.exec(reference) ?? []
    if (inProject !== undefined && inProject !== project)
      throw new ApiError('PERMISSION_DENIED', `The secret ${reference} is of another project, which the emulator does not have.`)
    try {
      return store.access(id ?? reference, version).data
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      throw new ApiError(error.status, `The secret ${reference} cannot be read by the instance: ${error.message}`)
    }
  }
}
