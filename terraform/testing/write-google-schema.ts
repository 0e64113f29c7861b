/**
 * Writes google-schema.json anew: `node terraform/testing/write-google-schema.ts`. Takes the bindings from npm's registry (32 MB, kept nowhere)
 * and the list of resources from the .tf files beside it. Run it whenever a module uses a resource that none used before.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { folderOf, readBindings, type GoogleSchema, type SchemaBlock } from './google-schema.ts'

const bindings = '@cdktf/provider-google@16.12.1'
const provider = '6.50.0'
const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'google-schema-'))
try {
  const archive = join(folder, execFileSync('npm', ['pack', bindings, '--silent'], { cwd: folder, encoding: 'utf8' }).trim())
  const used = { resource: new Set<string>(), data: new Set<string>() }
  for (const file of globSync('**/*.tf', { cwd: root }))
    for (const [, kind, name] of readFileSync(join(root, file), 'utf8').matchAll(/^(resource|data) "(google_\w+)"/gm)) used[kind as 'resource' | 'data'].add(name!)
  const pathOf = (kind: 'resource' | 'data', name: string): string => `package/lib/${folderOf(kind, name)}/index.js`
  const kinds = ['resource', 'data'] as const
  execFileSync('tar', ['xzf', archive, '-C', folder, ...kinds.flatMap((kind) => [...used[kind]].map((name) => pathOf(kind, name)))])
  const read = (kind: 'resource' | 'data'): Record<string, SchemaBlock> =>
    Object.fromEntries(
      [...used[kind]].toSorted().map((name) => {
        const [, map] = /sourceMappingURL=data:application\/json[^,]*,(\S+)/.exec(readFileSync(join(folder, pathOf(kind, name)), 'utf8'))!
        return [name, readBindings(JSON.parse(Buffer.from(map!, 'base64').toString()).sourcesContent[0])]
      }),
    )
  const integrity = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
  const schema: GoogleSchema = { source: { package: bindings, integrity, provider }, resources: read('resource'), dataSources: read('data') }
  writeFileSync(join(import.meta.dirname, 'google-schema.json'), `${JSON.stringify(schema)}\n`)
} finally {
  rmSync(folder, { recursive: true })
}
