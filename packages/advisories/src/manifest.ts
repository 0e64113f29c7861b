import { fail, ok, type Result } from '@shiplock/findings'
import { askedBy, list, record, text } from './lock-document.ts'
import type { Manifest } from './lock-file.ts'

/** What a package.json asks for. */
export function readManifest(source: string): Result<Manifest, string> {
  try {
    const value: unknown = JSON.parse(source)
    return ok({ name: text(record(value).get('name')), workspaces: workspacesOf(record(value).get('workspaces')), dependencies: askedBy(value), peers: new Set(record(record(value).get('peerDependencies')).keys()) })
  } catch (error) {
    return fail(error instanceof Error ? error.message.slice(0, 200) : 'it cannot be parsed')
  }
}

const workspacesOf = (value: unknown) => list(Array.isArray(value) ? value : record(value).get('packages')).flatMap((glob) => text(glob) ?? [])
