import type { CallModel } from './shape.ts'
import { textOnly } from './text.ts'

const text: CallModel = { derives: [-1] }
/** What only text has, or what makes text of anything: no object comes out of it. */
const textual: CallModel = { derives: [-1], harmless: textOnly }
/** Text is no amount either. */
const written: CallModel = { derives: [-1], harmless: ['allocation', ...textOnly] }
const yes: CallModel = {}
const each: CallModel = { callbacks: [{ arg: 0, receives: 'elements' }] }

const byName: Readonly<Record<string, CallModel>> = {
  trim: textual,
  trimStart: textual,
  trimEnd: textual,
  trimLeft: textual,
  trimRight: textual,
  toLowerCase: textual,
  toUpperCase: textual,
  toLocaleLowerCase: textual,
  toLocaleUpperCase: textual,
  toString: written,
  valueOf: { copies: [-1] },
  normalize: textual,
  repeat: { derives: [-1], sinks: [{ arg: 0, kind: 'allocation' }] },
  padStart: { derives: [-1, 1], sinks: [{ arg: 0, kind: 'allocation' }] },
  padEnd: { derives: [-1, 1], sinks: [{ arg: 0, kind: 'allocation' }] },
  slice: { derives: [-1], copies: [-1] },
  substring: textual,
  substr: textual,
  charAt: { derives: [-1], harmless: ['path', 'command', 'sql', 'url', 'redirect', 'regexInput'] },
  at: { derives: [-1], element: true },
  split: textual,
  concat: { derives: [-1, 0, 1, 2], copies: [-1, 0] },
  join: { derives: [-1, 0] },
  replace: yes,
  replaceAll: yes,
  match: text,
  matchAll: text,
  exec: { derives: [0] },
  reverse: { copies: [-1] },
  sort: { copies: [-1] },
  filter: { callbacks: [{ arg: 0, receives: 'elements' }] },
  find: { element: true, callbacks: [{ arg: 0, receives: 'elements' }] },
  findLast: { element: true, callbacks: [{ arg: 0, receives: 'elements' }] },
  forEach: each,
  each,
  some: each,
  every: each,
  findIndex: each,
  map: { callbacks: [{ arg: 0, receives: 'elements', gives: 'elements' }] },
  flatMap: { callbacks: [{ arg: 0, receives: 'elements', gives: 'result' }] },
  reduce: { callbacks: [{ arg: 0, receives: 'elements', gives: 'result' }] },
  reduceRight: { callbacks: [{ arg: 0, receives: 'elements', gives: 'result' }] },
  flat: { copies: [-1] },
  shift: { element: true },
  pop: { element: true },
  push: { collects: [0, 1, 2, 3] },
  unshift: { collects: [0, 1, 2, 3] },
  add: { collects: [0] },
  set: { collects: [1] },
  append: { collects: [0, 1] },
  keys: text,
  values: { copies: [-1] },
  entries: { copies: [-1] },
  catch: { copies: [-1], callbacks: [{ arg: 0, gives: 'result' }] },
  finally: { copies: [-1], callbacks: [{ arg: 0 }] },
  pipe: { copies: [0], derives: [-1] },
  get: { element: true },
  collection: { returns: 'mongo.collection' },
  html: { sinks: [{ arg: 0, kind: 'html' }] },
  insertAdjacentHTML: { sinks: [{ arg: 1, kind: 'html' }] },
  createContextualFragment: { sinks: [{ arg: 0, kind: 'html' }] },
  bypassSecurityTrustHtml: { sinks: [{ arg: 0, kind: 'html' }] },
  bypassSecurityTrustScript: { sinks: [{ arg: 0, kind: 'code' }] },
  bypassSecurityTrustUrl: { sinks: [{ arg: 0, kind: 'link' }] },
  bypassSecurityTrustResourceUrl: { sinks: [{ arg: 0, kind: 'link' }] },
  getEntity: { returns: 'editor.entity' },
  setHTMLUnsafe: { sinks: [{ arg: 0, kind: 'html' }] },
  ...Object.fromEntries(['extend', 'assign', 'defaults', 'merge', 'mixin', 'defaultsDeep', 'deepExtend', 'deepMerge', 'xtend'].map((name) => [name, { merges: 0 }])),
}

/** What a method of that name does, if its arguments (where they are constant) say more than its name. */
export function genericMethod(name: string, args: readonly unknown[]): CallModel | undefined {
  return bounds(name, args) ? short : genericMethods.get(name)
}

/** A piece whose length the program sets: too short to be slow, too little to give a secret away. */
const short: CallModel = { copies: [-1], harmless: ['regexInput', 'allocation', 'secret'] }

function bounds(name: string, [from, to]: readonly unknown[]): boolean {
  switch (name) {
    case 'slice':
      return typeof from === 'number' && (from < 0 || (typeof to === 'number' && to >= 0))
    case 'substring':
      return typeof from === 'number' && typeof to === 'number'
    case 'substr':
      return typeof to === 'number' || (typeof from === 'number' && from < 0)
    default:
      return false
  }
}

/** Methods of text, arrays, maps and promises, for values of which nothing else is known. */
export const genericMethods: ReadonlyMap<string, CallModel> = new Map([...Object.entries(byName), ['then', { copies: [-1], callbacks: [{ arg: 0, receives: 'this', gives: 'result' }, { arg: 1, gives: 'result' }] }]])
