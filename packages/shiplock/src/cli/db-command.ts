import { updateIndex } from '@shiplock/advisories/node'
import { interruption, unwrap } from './session.ts'

/** `shiplock db update`: makes the index of advisories anew, or finds that it is as it was. */
export async function dbUpdateCommand(options: { readonly url?: string; readonly format?: string }): Promise<number> {
  const { signal, dispose } = interruption()
  try {
    const index = unwrap(await updateIndex({ signal, ...(options.url !== undefined && { url: options.url }) }))
    const { advisories, digest, isNew } = index
    process.stdout.write(options.format === 'json' ? `${JSON.stringify({ advisories, digest, isNew, checkedAt: new Date(index.checkedAt).toISOString() })}\n` : `${isNew ? 'The index is new' : 'The index is as it was'}: ${advisories} advisories, sha256:${digest.slice(0, 12)}\n`)
    return 0
  } finally {
    dispose()
  }
}
