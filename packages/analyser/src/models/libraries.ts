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
import { services } from './services.ts'
import type { LibraryModel, Shape } from './shape.ts'
import { shells } from './shells.ts'
import { socketIo } from './socket-io.ts'
import { web } from './web.ts'

const all: readonly LibraryModel[] = [builtins, node, browser, web, archives, commandLines, components, deserialisers, files, iteration, nodeSqlite, pageMarkup, pathGuards, protections, shells, socketIo, ...services]

const gather = <T>(pick: (model: LibraryModel) => Readonly<Record<string, T>> | undefined, join: (one: T, other: T) => T = (_, other) => other): ReadonlyMap<string, T> => {
  const gathered = new Map<string, T>()
  for (const model of all)
    for (const [name, value] of Object.entries(pick(model) ?? {})) {
      const known = gathered.get(name)
      gathered.set(name, known === undefined ? value : join(known, value))
    }
  return gathered
}

/** What several files say of the same thing holds together; where they differ the later one is right. */
function joinShapes(one: Shape, other: Shape): Shape
function joinShapes(one: Shape | string, other: Shape | string): Shape | string
function joinShapes(one: Shape | string, other: Shape | string): Shape | string {
  if (typeof one === 'string' || typeof other === 'string') return other
  const members: Record<string, Shape | string> = { ...one.members }
  for (const [name, member] of Object.entries(other.members ?? {})) members[name] = Object.hasOwn(members, name) ? joinShapes(members[name]!, member) : member
  return { ...one, ...other, ...(Object.keys(members).length > 0 && { members }) }
}

/** All models together, by the name under which a program meets them. */
export const libraries = {
  modules: gather<Shape | string>(({ modules }) => modules, joinShapes),
  globals: gather<Shape | string>(({ globals }) => globals, joinShapes),
  types: gather<Shape>(({ types }) => types, joinShapes),
  annotations: gather<string>(({ annotations }) => annotations),
  entries: all.flatMap(({ entries }) => entries ?? []),
}
