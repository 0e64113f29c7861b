import { createHash } from 'node:crypto'
import type { Component } from '@shiplock/advisories'
import type { ToolContext } from '../check.ts'
import type { DependenciesOptions } from './index.ts'
import { hasPolicy } from './licences.ts'
import { readLocks } from './read-locks.ts'

/**
 * What the result depends on besides files where licences are judged: those of installed packages, for the lock files of
 * every package manager but npm tell none.
 */
export async function versions(context: ToolContext, options: DependenciesOptions): Promise<Record<string, string>> {
  if (!hasPolicy(options)) return {}
  const { locks } = await readLocks(context, options)
  const found = await Promise.all(locks.flatMap(({ components, folder }) => components.map(async (component) => [component.purl, await licenceOf(component, folder, context)])))
  return { licences: createHash('sha256').update(JSON.stringify(found)).digest('hex').slice(0, 32) }
}

/** As the lock file says, else as the installed package of this very version says; nothing is executed. */
export async function licenceOf({ name, version, licence, path }: Component, folder: string, { installed }: ToolContext): Promise<string | undefined> {
  if (licence !== undefined) return licence
  const below = (directory: string) => (folder === '' ? directory : `${folder}/${directory}`)
  const [grandparent, parent] = path.slice(-3, -1).map((it) => it.replace(/(?<=.)@.*$/s, '')).reduce<(string | undefined)[]>((two, it) => [two[1], it], [undefined, undefined])
  // Where npm, Yarn and Bun put it, then where pnpm does.
  const places = ['', ...(parent === undefined ? [] : [`node_modules/${parent}`]), ...(grandparent === undefined ? [] : [`node_modules/${grandparent}/node_modules/${parent}`]), `node_modules/.pnpm/${name.replace('/', '+')}@${version}`, 'node_modules/.pnpm']
  for (const place of places) {
    const found = await installed(name, below(place).replace(/\/$/, ''))
    if (found?.version === version && found.licence !== undefined) return found.licence
  }
  return undefined
}
