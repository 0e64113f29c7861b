import type { CallModel, LibraryModel, Shape } from './shape.ts'
import { calls, textOnly } from './text.ts'

const iterates: CallModel = { callbacks: [{ arg: 1, receives: 0 }] }
const maps: CallModel = { derives: [0], callbacks: [{ arg: 1, receives: 0, gives: 'elements' }] }
const same: CallModel = { copies: [0] }


const lodash: Shape = {
  members: {
    ...calls({ merges: 0 }, 'assign', 'extend', 'assignIn', 'defaults'),
    ...calls({ merges: 0 }, 'merge', 'defaultsDeep', 'mergeWith'),
    ...calls(same, 'clone', 'cloneDeep', 'filter', 'reject', 'sortBy', 'orderBy', 'uniq', 'uniqBy', 'compact', 'flatten', 'flattenDeep', 'reverse', 'take', 'drop', 'slice', 'tap', 'omit', 'omitBy', 'pickBy', 'shuffle', 'values', 'toArray', 'castArray', 'identity', 'memoize', 'debounce', 'throttle', 'once', 'chain', 'partialRight'),
    // Fields that are named: no record any more, though each may still be an object.
    pick: { call: { copies: [0], harmless: ['record'] } },
    ...calls({ derives: [0] }, 'get', 'head', 'first', 'last', 'find', 'nth', 'sample', 'trim', 'toLower', 'toUpper', 'camelCase', 'kebabCase', 'snakeCase', 'startCase', 'capitalize', 'lowerCase', 'upperCase', 'upperFirst', 'lowerFirst', 'truncate', 'replace', 'join', 'split', 'keys', 'toPairs', 'fromPairs', 'groupBy', 'keyBy', 'zipObject', 'concat', 'union', 'deburr'),
    toString: { call: { derives: [0], harmless: textOnly } },
    ...calls({ harmless: 'all' }, 'toNumber', 'toInteger', 'toFinite', 'size', 'isEmpty', 'isEqual', 'has', 'includes', 'random', 'now', 'sum', 'clamp'),
    isString: { call: { guards: { arg: 0, harmless: textOnly } } },
    ...calls({ guards: { arg: 0, harmless: 'all' } }, 'isNumber', 'isInteger', 'isBoolean', 'isFinite', 'isSafeInteger'),
    ...calls(maps, 'map', 'flatMap', 'mapValues', 'mapKeys'),
    ...calls(iterates, 'forEach', 'each', 'some', 'every', 'forOwn', 'forIn', 'times'),
    escape: { call: { derives: [0], harmless: ['html'] } },
    escapeRegExp: { call: { derives: [0], harmless: ['regexSource'] } },
    template: { call: { sinks: [{ arg: 0, kind: 'template' }] } },
    padStart: { call: { derives: [0] } },
    padEnd: { call: { derives: [0] } },
    default: 'lodash',
  },
}

/** Helpers for collections: what they hand back is made of what they are given. */
export const collections: LibraryModel = {
  modules: { lodash: 'lodash', 'lodash-es': 'lodash', underscore: 'lodash', 'lodash/fp': {}, 'lodash.get': { call: { derives: [0] } }, 'lodash.clonedeep': { call: same }, 'lodash.pick': { call: { copies: [0], harmless: ['record'] } }, 'lodash.map': { call: maps }, 'lodash.assign': { call: { merges: 0 } }, 'lodash.escaperegexp': { call: { derives: [0], harmless: ['regexSource'] } }, 'lodash.escape': { call: { derives: [0], harmless: ['html'] } } },
  types: { lodash },
}
