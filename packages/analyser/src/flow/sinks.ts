import { kinds, mayBreakLines, type KindName, type Kinds } from '../kinds.ts'
import { edgeKinds, type SlowRegex } from '../model/file-model.ts'
import type { Shape } from '../models/shape.ts'
import { libraries } from '../models/libraries.ts'
import { plainAnswers } from './content-types.ts'
import { edgesOf } from './edges.ts'
import { matched, type SlowExpression } from './expressions.ts'
import type { Paths } from './paths.ts'
import type { Program } from './program.ts'
import { logCalls } from './secrets.ts'
import type { Values } from './values.ts'

/** As a sink's field: anything below the value, however deep. */
const anyBelow = -3

/** A value that does harm where it is untrusted. */
export interface Sink {
  readonly node: number
  /** Only this field of it; -1 for the value itself, `anyBelow` for all that is in it. */
  readonly field: number
  readonly kinds: Kinds
  readonly kind: KindName
  readonly file: number
  readonly start: number
  readonly end: number
  /** What it is handed to, as the program writes it. */
  readonly name: string
  /** The field alone, not the value as a whole. */
  readonly isExact?: boolean
  /** The call, where it is one. */
  readonly call?: number
  /** What is handed over need not be text: an element, a selector, a collection are as welcome. */
  readonly mayBeObject?: true
  /** The slow regular expression that reads it: what is to be mended stands there. */
  readonly regex?: SlowExpression
}

/** Every place of the program that its models know to do harm. */
export function findSinks(program: Program, values: Values, expressionsAt: (node: number) => readonly SlowExpression[]): Sink[] {
  const { calls, files, bases, fieldId, constants } = program
  const sinks: Sink[] = []
  const prefixes = new Map(files.flatMap((file, index) => file.prefixes.map(([node, text]) => [node + bases[index]!, text] as const)))
  const add = (node: number, kind: KindName, at: { file: number; start: number; end: number }, name: string, field = -1, call?: number, { mayBeObject = false, isExact = false } = {}) => {
    if (node >= 0) sinks.push({ node, field, kinds: kinds[kind], kind, file: at.file, start: at.start, end: at.end, name, ...(call !== undefined && { call }), ...(mayBeObject && { mayBeObject }), ...(isExact && { isExact }) })
  }

  const isPlain = plainAnswers(program, values)
  const isOfCollection = ({ callee, receiver }: Program['calls'][number]) => [callee, receiver].some((node) => node >= 0 && values.shapesOf(node).some(({ api }) => api === 'jquery' || api === 'jquery.collection'))
  for (const [index, call] of calls.entries()) {
    const { name } = call
    const [first, second] = call.args
    if (values.apis[index]!.includes('dom.insert')) {
      // A document that was read from text is as dangerous as that text.
      for (const node of call.args) if (values.shapesOf(node).some(({ api }) => api === 'dom.parsed')) add(node, 'html', { file: call.file, start: call.at, end: call.end }, name, -1, index)
    } else if ((name === 'setAttribute' || name === 'attr') && first !== undefined && second !== undefined && !constants.has(second)) {
      const attribute = String(constants.get(first) ?? '').toLowerCase()
      if (attribute === 'srcdoc' || (/^on[a-z]/.test(attribute) && values.functionsAt(second, 0).length === 0)) add(second, 'html', { file: call.file, start: call.at, end: call.end }, `${name} ${attribute}`, -1, index)
      else if (linkAttributes.has(attribute)) add(second, 'link', { file: call.file, start: call.at, end: call.end }, `${name} ${attribute}`, -1, index)
    }
    for (const model of values.models[index]!)
      for (const { arg, rest, field, kind: usual, unless, when, isMarkup, isExact } of model.sinks ?? []) {
        // `spawn('sh', ['-c', text])`
        const isShell = usual === 'argument' && shellNames.test(String(constants.get(call.args[0] ?? -1) ?? ''))
        const kind = isShell ? 'command' : usual
        if (when !== undefined && !call.args.some((argument) => hasField(program, argument, when))) continue
        if (unless !== undefined && call.args.some((argument) => hasField(program, argument, unless))) continue
        const nodes = arg < 0 ? [call.receiver] : rest ? call.args.slice(arg) : call.args.slice(arg, arg + 1)
        for (const node of nodes) {
          if (node === undefined || constants.has(node)) continue
          if (isMarkup && !/^\s*</.test(prefixes.get(node) ?? '')) continue
          if (kind === 'code' && values.functionsAt(node, 0).length > 0) continue
          if (kind === 'html' && values.apis[index]!.includes('jquery') && !/^\s*</.test(prefixes.get(node) ?? '<')) continue
          if (kind === 'html' && isPlain(index)) continue
          const mayBeObject = kind === 'html' && isOfCollection(call) && !prefixes.has(node)
          const id = isShell && field === '*' ? scriptOf(program, values, node) : field === undefined ? -1 : field === '*' ? 0 : field === '**' ? anyBelow : (fieldId(field) ?? -2)
          const end = kind === 'argument' && field === '*' ? optionsEnd(program, values, node) : -1
          if (end >= 0) {
            // Behind `--` no argument is taken for an option.
            for (let position = 0; position < end; position += 1) add(node, kind, { file: call.file, start: call.at, end: call.end }, call.name, fieldId(String(position)) ?? -2, index)
            continue
          }
          if (kind === 'log') add(node, 'secret', { file: call.file, start: call.at, end: call.end }, call.name, 0, index)
          if (id !== -2) add(node, kind, { file: call.file, start: call.at, end: call.end }, call.name, id, index, { mayBeObject, ...(isExact && { isExact }) })
        }
      }
  }
  for (const index of logCalls(program)) if (values.models[index]!.every(({ sinks: own }) => !own)) for (const node of calls[index]!.args) if (!constants.has(node)) add(node, 'secret', { ...calls[index]!, start: calls[index]!.at }, calls[index]!.name, 0, index)
  for (const [index, call] of calls.entries()) {
    const [first, second] = call.args
    if (first !== undefined && values.apis[index]!.some((api) => answers.has(api))) add(first, 'stack', { ...call, start: call.at }, call.name, 0, index)
    if (second !== undefined && values.apis[index]!.includes('storage.setItem')) add(second, 'secret', { ...call, start: call.at }, call.name, 0, index)
    // Text that begins as a query does is one, whatever is asked to run it.
    if (first === undefined || call.kind !== 'call' || values.models[index]!.length > 0 || values.targets[index]!.length > 0 || !runsQueries.test(call.name) || !queryStart.test(prefixes.get(first) ?? '')) continue
    add(first, 'sql', { file: call.file, start: call.at, end: call.end }, call.name, -1, index)
  }
  for (const call of calls) {
    const { subject, expression } = matched(call)
    if (subject < 0 || expression < 0 || constants.has(subject)) continue
    for (const regex of expressionsAt(expression)) sinks.push({ node: subject, field: -1, kinds: needsLineBreak(regex.regex.slow) ? mayBreakLines : kinds.regexInput & ~mayBreakLines, kind: 'regexInput', file: call.file, start: call.at, end: call.end, name: call.name, regex })
  }
  const called = new Set(calls.map(({ callee }) => callee))
  const markup = fieldId('__html') ?? -2
  for (const [index, file] of files.entries()) {
    const base = bases[index]!
    const answers = new Set(file.stores.flatMap(({ base: object, field }) => (field === 'statusCode' ? [object] : [])))
    for (const { base: object, field, value, start, end, isJsx } of file.stores) {
      const at = { file: index, start, end }
      if (field === 'dangerouslySetInnerHTML') {
        if (markup >= 0) add(value + base, 'html', at, field, markup)
        continue
      }
      // The answer of a function as a service: `{ statusCode, headers, body }`.
      if (answers.has(object) && field === 'body' && /^\s*</.test(prefixes.get(value + base) ?? '')) add(value + base, 'html', at, field)
      if (answers.has(object) && field === 'headers') for (const header of file.stores) if (header.base === value && /^location$/i.test(header.field) && !constants.has(header.value + base)) add(header.value + base, 'redirect', { file: index, start: header.start, end: header.end }, header.field)
      if (isJsx) {
        if (field === 'v-html' || field === 'srcDoc' || field === 'srcdoc') add(value + base, 'html', at, field)
        else if (linkAttributes.has(field) && !constants.has(value + base)) add(value + base, 'link', at, field)
        continue
      }
      if (constants.has(value + base)) continue
      const shapes = values.shapesOf(object + base)
      const assigned = shapes.flatMap((shape) => assignedOf(shape, field) ?? [])
      if (assigned[0]) {
        if (assigned[0] === 'redirect') add(value + base, 'link', at, 'location')
        if (!field.startsWith('on') || values.functionsAt(value + base, 0).length === 0) add(value + base, assigned[0], at, field)
      } else if (shapes.length === 0 && (field === 'innerHTML' || field === 'outerHTML' || field === 'srcdoc')) add(value + base, 'html', at, field)
    }
    for (const { key, value, start, end, isWrite } of file.keyed) {
      if (isWrite || constants.has(key + base) || !called.has(value + base)) continue
      add(key + base, 'method', { file: index, start, end }, file.names.find(([node]) => node === key)?.[1] ?? 'method')
    }
    for (const { base: object, key, start, end, isWrite } of file.keyed) if (isWrite && !constants.has(key + base)) add(object + base, 'prototype', { file: index, start, end }, 'property')
  }
  return sinks
}

/** Whether no text of a single line is slow: one without breaks is tried first. */
const needsLineBreak = ({ attack: { prefix, pump, suffix } }: SlowRegex) => /[\n\r\u2028\u2029]/.test(prefix + pump + suffix)

/** Attributes in which `javascript:` runs. */
const linkAttributes = new Set(['href', 'xlink:href', 'xlinkHref', 'action', 'formaction', 'formAction'])
const answers = new Set(['response.send', 'response.json', 'response.end', 'response.write'])
/** Which element of a shell's arguments is its script, as a field: what stands behind `-c` and the script is handed to it as text. */
function scriptOf(program: Program, values: Values, list: number): number {
  const flag = positionOf(program, values, list, /^-[a-z]*c$|^\/c$/i)
  return flag < 0 ? 0 : (program.fieldId(String(flag + 1)) ?? 0)
}

/** Where a list of arguments says that no more options follow; -1 where it does not. */
const optionsEnd = (program: Program, values: Values, list: number): number => positionOf(program, values, list, /^--$/)

/** Where a list has a constant that is so written; -1 where it has none. */
function positionOf(program: Program, values: Values, list: number, written: RegExp): number {
  const { offsets, targets } = edgesOf(program, values).backward
  for (let at = offsets[list]!; at < offsets[list + 1]!; at += 3) {
    const constant = program.constants.get(targets[at]!)
    const position = program.fields[targets[at + 2]!] ?? ''
    if (targets[at + 1] === edgeKinds.store && /^\d+$/.test(position) && typeof constant === 'string' && written.test(constant)) return Number(position)
  }
  return -1
}

const shellNames = /(?:^|[\\/])(?:ba|z|da|k|a)?sh$|(?:^|[\\/])(?:cmd|powershell|pwsh)(?:\.exe)?$/i
const runsQueries = /^\$?(?:query|execute|exec|run|all|get|each|raw|prepare|one|many|any|none|oneOrNone|manyOrNone|queryOne|sql|unsafe|selectAll|\w*(?:Query|Sql|SQL|QueryRaw|Raw))$/
const queryStart = /^\s*(?:\(\s*)?(?:select\s|insert\s+(?:into|ignore)\s|update\s+\S+\s+set\s|delete\s+from\s|replace\s+into\s|with\s+\w+\s+as\s|create\s+(?:table|view|user|database|index)\s|drop\s+(?:table|view|user|database)\s|alter\s+(?:table|user)\s|merge\s+into\s|call\s+\w+)/i

function assignedOf(shape: Shape, field: string): KindName | undefined {
  const member = shape.members && Object.hasOwn(shape.members, field) ? shape.members[field] : undefined
  return (typeof member === 'string' ? libraries.types.get(member) : member)?.assigned
}

/** Whether an object literal has a field that is not `false`, by the edges that store into it. */
function hasField({ files, bases, constants }: Program, node: number, field: string): boolean {
  for (const [index, file] of files.entries()) {
    const base = bases[index]!
    if (node < base || node >= bases[index + 1]!) continue
    return file.stores.some((store) => store.base + base === node && store.field === field && constants.get(store.value + base) !== false)
  }
  return false
}

/** Whether what is untrusted about a value, the field at `path`, is what the sink takes. */
export function isAtSink({ fields }: Program, paths: Paths, { field, kind, isExact }: Sink, path: number): boolean {
  if (path === 0) return !isExact
  // Fields that are taken over from an untrusted object, whatever they are.
  const inner = kind !== 'record' ? -1 : field < 0 ? path : paths.rest(path, field)
  if (inner > 0 && paths.head(inner) === 0 && paths.rest(inner, 0) === 0) return true
  if (field === anyBelow) return !valueOperators.has(paths.names(path, fields).at(-1)!)
  return field >= 0 && paths.rest(path, field) === 0
}

/** Operators of document databases whose operand is a value, never another operator. */
const valueOperators = new Set(['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$in', '$nin', '$all', '$size', '$regex', '$search'])
