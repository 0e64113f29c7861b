import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { updateIndex } from '@shiplock/advisories/node'
import { zipSync } from 'fflate'

/** Makes the OSV records in a folder, where there is one, the index of advisories of this process. */
export async function useAdvisories(source: string): Promise<AsyncDisposable> {
  if (!existsSync(source)) return { [Symbol.asyncDispose]: async () => undefined }
  const directory = mkdtempSync(join(tmpdir(), 'shiplock-advisories-'))
  const archive = zipSync(Object.fromEntries(readdirSync(source).map((name) => [name, readFileSync(join(source, name))])))
  const server = createServer((_request, response) => response.end(archive))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const updated = await updateIndex({ directory, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/all.zip` })
  server.close()
  if (!updated.ok) throw new Error(updated.failure.message)
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
