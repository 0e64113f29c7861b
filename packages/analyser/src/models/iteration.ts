import type { CallModel, LibraryModel, Shape } from './shape.ts'

/** `forIn(object, (value, key) => …, self)`. */
const fields: Shape = { call: { callbacks: [{ arg: 1, each: [{ elements: 0 }, { names: 0 }], selfIs: 2 }] } }
/** The same with the key first, as jQuery has it. */
const keysFirst: CallModel = { callbacks: [{ arg: 1, each: [{ names: 0 }, { elements: 0 }] }] }
const mapped: Shape = { call: { callbacks: [{ arg: 1, each: [{ elements: 0 }, { names: 0 }], gives: 'elements' }] } }
const reduced: Shape = { call: { callbacks: [{ arg: 1, each: [undefined, { elements: 0 }, { names: 0 }], receives: 2, gives: 'result' }] } }
const copied: Shape = { call: { copies: [0] } }
const merged: Shape = { call: { merges: 0 } }
const collections: Shape = { members: { each: fields, forEach: fields, forIn: fields, forOwn: fields, eachRight: fields, forEachRight: fields, map: mapped, mapValues: mapped, mapKeys: mapped, filter: fields, find: fields, some: fields, any: fields, every: fields, all: fields, reduce: reduced, transform: reduced, clone: copied, cloneDeep: copied, keys: { call: { derives: [0] } }, values: { call: { copies: [0], derives: [0] } }, assign: merged, extend: merged, defaults: merged, escapeRegExp: { call: { derives: [0], harmless: ['regexSource'] } }, escape: { call: { derives: [0], harmless: ['html'] } } } }

/** Libraries that go through the fields of objects for a program. */
export const iteration: LibraryModel = {
  modules: {
    'for-in': fields,
    'for-own': fields,
    'for-each': fields,
    foreach: fields,
    'object.foreach': fields,
    'lodash.foreach': fields,
    'lodash.forin': fields,
    'lodash.forown': fields,
    'lodash.clonedeep': copied,
    'lodash.assign': merged,
    ...Object.fromEntries(['extend', 'deep-extend', 'merge', 'deepmerge', 'merge-deep', 'mixin-deep', 'assign-deep', 'defaults', 'defaults-deep', 'node.extend', 'util-extend', 'merge-options', 'lodash.merge', 'lodash.defaults', 'lodash.defaultsdeep'].map((name) => [name, merged])),
    'object-assign': merged,
    xtend: merged,
    'extend-shallow': merged,
    'shallow-clone': copied,
    'clone-deep': copied,
    clone: copied,
    lodash: collections,
    'lodash-es': collections,
    underscore: collections,
  },
  types: { 'jquery.each': { call: keysFirst } },
}
