import { archives } from './archives.ts'
import { browser } from './browser.ts'
import { builtins } from './builtins.ts'
import { commandLines } from './command-lines.ts'
import { components } from './components.ts'
import { deserialisers } from './deserialisers.ts'
import { files } from './files.ts'
import { iteration } from './iteration.ts'
import { nodeSqlite } from './node-sqlite.ts'
import { node } from './node.ts'
import { pageMarkup } from './page-markup.ts'
import { pathGuards } from './path-guards.ts'
import { protections } from './protections.ts'
import type { LibraryModel, Shape } from './shape.ts'
import { shells } from './shells.ts'
import { socketIo } from './socket-io.ts'
import { web } from './web.ts'

const all: readonly LibraryModel[] = [builtins, node, browser, web, archives, commandLines, components, deserialisers, files, iteration, nodeSqlite, pageMarkup, pathGuards, protections, shells, socketIo]

const gather = <T>(pick: (model: LibraryModel) => Readonly<Record<string, T>> | undefined): ReadonlyMap<string, T> => new Map(all.flatMap((model) => Object.entries(pick(model) ?? {})))

/** All models together, by the name under which a program meets them. */
export const libraries = {
  modules: gather<Shape | string>(({ modules }) => modules),
  globals: gather<Shape | string>(({ globals }) => globals),
  types: gather<Shape>(({ types }) => types),
  annotations: gather<string>(({ annotations }) => annotations),
}
