import { fail, ok, type Result } from '@shiplock/findings'
import { duplicateKeyOfJson } from './duplicate-key.ts'
import { askedBy, list, record, text, unalias } from './lock-document.ts'
import { saidTwice, type Manifest } from './lock-file.ts'

/** What a package.json asks for. */
export function readManifest(source: string): Result<Manifest, string> {
  try {
    const value: unknown = JSON.parse(source)
    const twice = duplicateKeyOfJson(source)
    if (twice !== undefined) return fail(saidTwice(twice))
    return ok({ name: text(record(value).get('name')), workspaces: workspacesOf(record(value).get('workspaces')), dependencies: askedBy(value), replacements: replacementsOf(value), peers: new Set(record(record(value).get('peerDependencies')).keys()) })
  } catch (error) {
    return fail(error instanceof Error ? error.message.slice(0, 200) : 'it cannot be parsed')
  }
}

/** The real names in what overrides (npm), resolutions (Yarn, Bun) and pnpm's overrides put in the place of others. */
function replacementsOf(manifest: unknown): Set<string> {
  const names = new Set<string>()
  const fields = record(manifest)
  const queue = [fields.get('overrides'), fields.get('resolutions'), record(fields.get('pnpm')).get('overrides')]
  for (let next = 0; next < queue.length; next += 1) {
    const it = queue[next]
    if (typeof it === 'string') names.add(unalias('', it).name)
    else queue.push(...record(it).values())
  }
  return names
}

const workspacesOf = (value: unknown) => list(Array.isArray(value) ? value : record(value).get('packages')).flatMap((glob) => text(glob) ?? [])
