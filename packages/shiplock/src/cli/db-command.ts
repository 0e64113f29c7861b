import { exportOf, families, updateIndex, type Family } from '@shiplock/advisories/node'
import type { StageFailure } from '@shiplock/findings'
import { CommandFailure } from './report-failure.ts'
import { interruption } from './session.ts'

export interface DbUpdateOptions {
  /** A mirror of npm's export; those of other ecosystems lie next to it. */
  readonly url?: string
  readonly only?: readonly Family[]
  readonly format?: string
}

/** `shiplock db update`: makes the indexes of advisories anew, or finds that they are as they were. Of several each is tried. */
export async function dbUpdateCommand({ url, only = families, format }: DbUpdateOptions): Promise<number> {
  const { signal, dispose } = interruption()
  const failures: StageFailure[] = []
  try {
    for (const family of only) {
      const from = url === undefined ? undefined : exportOf(family, url)
      // A mirror of npm's export alone, under a name of its own.
      if (url !== undefined && from === undefined) continue
      const updated = await updateIndex({ family, signal, ...(from !== undefined && { url: from }) })
      if (!updated.ok) {
        failures.push(updated.failure)
        continue
      }
      const { advisories, digest, isNew, checkedAt } = updated.value
      process.stdout.write(format === 'json' ? `${JSON.stringify({ family, advisories, digest, isNew, checkedAt: new Date(checkedAt).toISOString() })}\n` : `${family}: the index is ${isNew ? 'new' : 'as it was'}, ${advisories} advisories, sha256:${digest.slice(0, 12)}\n`)
    }
  } finally {
    dispose()
  }
  const [first, ...others] = failures
  if (first) throw new CommandFailure(3, others.length === 0 ? first : { ...first, message: [first, ...others].map(({ message }) => message).join('; ') })
  return 0
}
