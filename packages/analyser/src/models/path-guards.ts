import type { LibraryModel, Shape } from './shape.ts'

const inside: Shape = { call: { guards: { arg: 0, harmless: ['path', 'module'] } } }

/** Small packages that say whether a path lies within a directory. */
export const pathGuards: LibraryModel = {
  modules: { 'path-is-inside': inside, 'is-path-inside': inside, 'is-path-in-cwd': inside, 'path-inside': inside, contained: inside, 'is-child-of': inside },
}
