import { browser } from './browser.ts'
import { builtins } from './builtins.ts'
import { components } from './components.ts'
import { node } from './node.ts'
import { nodeSqlite } from './node-sqlite.ts'
import { pathGuards } from './path-guards.ts'
import type { LibraryModel, Shape } from './shape.ts'
import { socketIo } from './socket-io.ts'
import { pageMarkup } from './page-markup.ts'
import { web } from './web.ts'

const all: readonly LibraryModel[] = [builtins, node, nodeSqlite, browser, web, pathGuards, components, socketIo, pageMarkup]

const gather = <T>(pick: (model: LibraryModel) => Readonly<Record<string, T>> | undefined): ReadonlyMap<string, T> => new Map(all.flatMap((model) => Object.entries(pick(model) ?? {})))

/** All models together, by the name under which a program meets them. */
export const libraries = {
  modules: gather<Shape | string>(({ modules }) => modules),
  globals: gather<Shape | string>(({ globals }) => globals),
  types: gather<Shape>(({ types }) => types),
  annotations: gather<string>(({ annotations }) => annotations),
}
