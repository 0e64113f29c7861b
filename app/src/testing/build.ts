import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import config from '../../rolldown.config.ts'

/** Builds the service as `npm run build` does, into a new folder with no node_modules above it; the caller removes it. */
export async function build(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'todo-build-'))
  const bundle = await rolldown({ ...config, cwd: join(import.meta.dirname, '../..') })
  await bundle.write({ ...config.output, dir: folder })
  await bundle.close()
  return folder
}
