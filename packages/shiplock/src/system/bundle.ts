import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { readTextFile } from './files.ts'
import { ownVersion } from './own-version.ts'

const repository = join(import.meta.dirname, '../../../..')

/**
 * The command line of a checkout, packed: four hundred small modules are half of what a run with nothing to do takes. It is
 * beside the packages, and worth as much trust as they: who can write there is run anyway.
 */
export const bundleDirectory = join(repository, 'node_modules/.cache/shiplock')

export const commandLineSource = join(repository, 'packages/shiplock/src/cli/main.ts')

/** What a bundle is made from: the sources, and the packages that are installed. */
export function madeFrom(sources: string): string {
  const installed = lstatSync(join(repository, 'node_modules/.package-lock.json'), { bigint: true, throwIfNoEntry: false })
  return `${sources} ${installed?.size}.${installed?.mtimeNs}`
}

/** Whether it is of the sources and packages as they are. An edit makes it worthless until it is made again. */
export const isCurrent = (directory: string): boolean => readTextFile(join(directory, 'made-from')) === madeFrom(ownVersion())
