import { edgeKinds } from '../model/file-model.ts'
import { kinds, type KindName, type Kinds } from '../kinds.ts'
import type { Shape } from '../models/shape.ts'
import { libraries } from '../models/libraries.ts'
import type { Paths } from './paths.ts'
import type { Program } from './program.ts'
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
}

/** Every place of the program that its models know to do harm. */
export function findSinks(program: Program, values: Values): Sink[] {
  const { calls, files, bases, fieldId, constants } = program
  const sinks: Sink[] = []
  const plain = plainAnswers(program)
  const prefixes = new Map(files.flatMap((file, index) => file.prefixes.map(([node, text]) => [node + bases[index]!, text] as const)))
  const add = (node: number, kind: KindName, at: { file: number; start: number; end: number }, name: string, field = -1, call?: number, isExact?: boolean) => {
    if (node >= 0) sinks.push({ node, field, kinds: kinds[kind], kind, file: at.file, start: at.start, end: at.end, name, ...(call !== undefined && { call }), ...(isExact && { isExact }) })
  }

  for (const [index, call] of calls.entries()) {
    for (const model of values.models[index]!)
      for (const { arg, rest, field, kind, unless, when, isMarkup, isExact } of model.sinks ?? []) {
        if (unless !== undefined && call.args.some((argument) => hasField(program, argument, unless))) continue
        if (when !== undefined && !call.args.some((argument) => hasField(program, argument, when))) continue
        const nodes = arg < 0 ? [call.receiver] : rest ? call.args.slice(arg) : call.args.slice(arg, arg + 1)
        for (const node of nodes) {
          if (node === undefined || constants.has(node)) continue
          if (kind === 'html' && plain.has(call.within) && /^(?:send|end|write)$/.test(call.name)) continue
          if (isMarkup && !/^\s*</.test(prefixes.get(node) ?? '')) continue
          if (kind === 'code' && values.functionsAt(node, 0).length > 0) continue
          if (kind === 'html' && values.apis[index]!.includes('jquery') && !/^\s*</.test(prefixes.get(node) ?? '<')) continue
          const id = field === undefined ? -1 : field === '*' ? 0 : field === '**' ? anyBelow : (fieldId(field) ?? -2)
          if (id !== -2) add(node, kind, { file: call.file, start: call.at, end: call.end }, call.name, id, index, isExact)
        }
      }
  }
  for (const [index, call] of calls.entries()) {
    // `sh -c TEXT`: one of the arguments is a command.
    const [shell, list] = call.args
    if (shell === undefined || list === undefined || !values.apis[index]!.some((api) => api.startsWith('child_process.'))) continue
    const name = constants.get(shell)
    if (typeof name !== 'string' || !shellNames.test(name)) continue
    const elements = elementsOfArray(program, list)
    if (!elements.some((element) => /^[-/]\w*c(?:ommand)?$/i.test(String(constants.get(element))))) continue
    for (const element of elements) if (!constants.has(element)) add(element, 'command', { file: call.file, start: call.at, end: call.end }, call.name, -1, index)
  }
  for (const [index, call] of calls.entries()) {
    // Text that begins as a query does is one, whatever is asked to run it.
    const [query] = call.args
    if (query === undefined || call.kind !== 'call' || values.models[index]!.length > 0 || values.targets[index]!.length > 0 || !runsQueries.test(call.name) || !queryStart.test(prefixes.get(query) ?? '')) continue
    add(query, 'sql', { file: call.file, start: call.at, end: call.end }, call.name, -1, index)
  }
  const markup = fieldId('__html') ?? -2
  for (const [index, file] of files.entries()) {
    const base = bases[index]!
    const answers = new Set(file.stores.flatMap(({ base: object, field }) => (field === 'statusCode' ? [object] : [])))
    for (const { base: object, field, value, start, end, isJsx } of file.stores) {
      const at = { file: index, start, end }
      // The answer of a function as a service: `{ statusCode, headers, body }`.
      if (answers.has(object) && field === 'body' && /^\s*</.test(prefixes.get(value + base) ?? '')) add(value + base, 'html', at, field)
      if (answers.has(object) && field === 'headers') for (const header of file.stores) if (header.base === value && /^location$/i.test(header.field) && !constants.has(header.value + base)) add(header.value + base, 'redirect', { file: index, start: header.start, end: header.end }, header.field)
      if (isJsx) {
        if (field === 'dangerouslySetInnerHTML' && markup >= 0) add(value + base, 'html', at, field, markup)
        continue
      }
      if (constants.has(value + base)) continue
      const shapes = values.shapesOf(object + base)
      const assigned = shapes.flatMap((shape) => assignedOf(shape, field) ?? [])
      if (assigned.length > 0) add(value + base, assigned[0]!, at, field)
      else if (shapes.length === 0 && (field === 'innerHTML' || field === 'outerHTML')) add(value + base, 'html', at, field)
    }
    for (const { base: object, key, start, end, isWrite } of file.keyed) if (isWrite && !constants.has(key + base)) add(object + base, 'prototype', { file: index, start, end }, 'property')
  }
  return sinks
}

const shellNames = /(?:^|[\\/])(?:ba|z|da|k|a)?sh$|(?:^|[\\/])(?:cmd|powershell|pwsh)(?:\.exe)?$/i

function elementsOfArray({ files, bases }: Program, node: number): number[] {
  const index = files.findIndex((_, at) => node >= bases[at]! && node < bases[at + 1]!)
  const { edges } = files[index]!
  const result: number[] = []
  for (let at = 0; at < edges.length; at += 4) if (node === edges[at + 1]! + bases[index]! && edges[at + 2] === edgeKinds.store) result.push(edges[at]! + bases[index]!)
  return result
}

/** Functions whose answers are told to be something else than a page. */
function plainAnswers({ calls, constants }: Program): ReadonlySet<number> {
  const types = new Map<number, boolean[]>()
  for (const { name, args, within } of calls) {
    const [first, second] = args.map((argument) => constants.get(argument))
    const type = /^(?:type|contentType)$/.test(name) ? first : /^(?:set|header|setHeader)$/.test(name) && typeof first === 'string' && first.toLowerCase() === 'content-type' ? second : undefined
    if (typeof type === 'string') types.set(within, [...(types.get(within) ?? []), /html|xml|svg/i.test(type)])
  }
  return new Set([...types].flatMap(([fn, markup]) => (markup.includes(true) ? [] : [fn])))
}

const runsQueries = /^\$?(?:query|execute|exec|run|all|get|each|raw|prepare|one|many|any|none|oneOrNone|manyOrNone|queryOne|sql|unsafe|selectAll|\w*(?:Query|Sql|SQL|QueryRaw|Raw))$/
const queryStart = /^\s*(?:\(\s*)?(?:select\s|insert\s+(?:into|ignore)\s|update\s+\S+\s+set\s|delete\s+from\s|replace\s+into\s|with\s+\w+\s+as\s|create\s+(?:table|view|user|database|index)\s|drop\s+(?:table|view|user|database)\s|alter\s+(?:table|user)\s|merge\s+into\s|call\s+\w+)/i

function assignedOf(shape: Shape, field: string): KindName | undefined {
  const member = shape.members && Object.hasOwn(shape.members, field) ? shape.members[field] : undefined
  return (typeof member === 'string' ? libraries.types.get(member) : member)?.assigned
}

/** Whether an object literal has a field, by the edges that store into it. */
function hasField({ files, bases }: Program, node: number, field: string): boolean {
  for (const [index, file] of files.entries()) {
    const base = bases[index]!
    if (node < base || node >= bases[index + 1]!) continue
    return file.stores.some((store) => store.base + base === node && store.field === field)
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
