import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { families, updateIndex, type Family } from '@shiplock/advisories/node'
import { zipSync } from 'fflate'

/** Makes the OSV records in a folder, where there is one, the index of advisories of this process; of npm, or of each family that has a folder in it. */
export async function useAdvisories(source: string): Promise<AsyncDisposable> {
  if (!existsSync(source)) return { [Symbol.asyncDispose]: async () => undefined }
  const directory = mkdtempSync(join(tmpdir(), 'shiplock-advisories-'))
  const own = families.filter((family) => existsSync(join(source, family)))
  for (const family of own.length > 0 ? own : (['npm'] as const)) await update(family, own.length > 0 ? join(source, family) : source, directory)
  const before = process.env['SHIPLOCK_ADVISORIES']
  process.env['SHIPLOCK_ADVISORIES'] = directory
  return {
    [Symbol.asyncDispose]: async () => {
      if (before === undefined) delete process.env['SHIPLOCK_ADVISORIES']
      else process.env['SHIPLOCK_ADVISORIES'] = before
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** What is published of Node itself is one document; of all others it is an archive of records. */
async function update(family: Family, source: string, directory: string): Promise<void> {
  const files = readdirSync(source).map((name) => [name, readFileSync(join(source, name))] as const)
  const published = family === 'Node.js' ? files[0]?.[1] : zipSync(Object.fromEntries(files))
  const server = createServer((_request, response) => response.end(published))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const updated = await updateIndex({ family, directory, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/all` })
  server.close()
  if (!updated.ok) throw new Error(updated.failure.message)
}
