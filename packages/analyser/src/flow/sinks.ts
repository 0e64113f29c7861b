import { kinds, type KindName, type Kinds } from '../kinds.ts'
import type { Shape } from '../models/shape.ts'
import { libraries } from '../models/libraries.ts'
import type { SlowExpression } from './expressions.ts'
import type { Program } from './program.ts'
import { logCalls } from './secrets.ts'
import type { Values } from './values.ts'

/** A value that does harm where it is untrusted. */
export interface Sink {
  readonly node: number
  /** Only this field of it; -1 for the value itself. */
  readonly field: number
  readonly kinds: Kinds
  readonly kind: KindName
  readonly file: number
  readonly start: number
  readonly end: number
  /** What it is handed to, as the program writes it. */
  readonly name: string
  /** The call, where it is one. */
  readonly call?: number
  /** The slow regular expression that reads it: what is to be mended stands there. */
  readonly regex?: SlowExpression
}

/** Every place of the program that its models know to do harm. */
export function findSinks(program: Program, values: Values, expressionsAt: (node: number) => readonly SlowExpression[]): Sink[] {
  const { calls, files, bases, fieldId, constants } = program
  const sinks: Sink[] = []
  const prefixes = new Map(files.flatMap((file, index) => file.prefixes.map(([node, text]) => [node + bases[index]!, text] as const)))
  const add = (node: number, kind: KindName, at: { file: number; start: number; end: number }, name: string, field = -1, call?: number) => {
    if (node >= 0) sinks.push({ node, field, kinds: kinds[kind], kind, file: at.file, start: at.start, end: at.end, name, ...(call !== undefined && { call }) })
  }

  for (const [index, call] of calls.entries()) {
    for (const model of values.models[index]!)
      for (const { arg, rest, field, kind, unless } of model.sinks ?? []) {
        if (unless !== undefined && call.args.some((argument) => hasField(program, argument, unless))) continue
        const nodes = arg < 0 ? [call.receiver] : rest ? call.args.slice(arg) : call.args.slice(arg, arg + 1)
        for (const node of nodes) {
          if (node === undefined || constants.has(node)) continue
          if (kind === 'code' && values.functionsAt(node, 0).length > 0) continue
          if (kind === 'html' && values.apis[index]!.includes('jquery') && !/^\s*</.test(prefixes.get(node) ?? '<')) continue
          const id = field === undefined ? -1 : field === '*' ? 0 : (fieldId(field) ?? -2)
          if (kind === 'log') add(node, 'secret', { file: call.file, start: call.at, end: call.end }, call.name, 0, index)
          if (id !== -2) add(node, kind, { file: call.file, start: call.at, end: call.end }, call.name, id, index)
        }
      }
  }
  for (const index of logCalls(program)) if (values.models[index]!.every(({ sinks: own }) => !own)) for (const node of calls[index]!.args) if (!constants.has(node)) add(node, 'secret', { ...calls[index]!, start: calls[index]!.at }, calls[index]!.name, 0, index)
  for (const [index, call] of calls.entries()) {
    const [first, second] = call.args
    if (first !== undefined && values.apis[index]!.some((api) => answers.has(api))) add(first, 'stack', { ...call, start: call.at }, call.name, 0, index)
    if (second !== undefined && values.apis[index]!.includes('storage.setItem')) add(second, 'secret', { ...call, start: call.at }, call.name, 0, index)
  }
  for (const call of calls) {
    const subject = matchersOfText.has(call.name) ? call.receiver : matchersOfExpression.has(call.name) ? (call.args[0] ?? -1) : -1
    if (subject < 0 || constants.has(subject)) continue
    const expression = subject === call.receiver ? (call.args[0] ?? -1) : call.receiver
    if (expression < 0) continue
    for (const regex of expressionsAt(expression)) sinks.push({ node: subject, field: -1, kinds: kinds.regexInput, kind: 'regexInput', file: call.file, start: call.at, end: call.end, name: call.name, regex })
  }
  const markup = fieldId('__html') ?? -2
  for (const [index, file] of files.entries()) {
    const base = bases[index]!
    for (const { base: object, field, value, start, end, isJsx } of file.stores) {
      const at = { file: index, start, end }
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

const answers = new Set(['response.send', 'response.json', 'response.end', 'response.write'])
const matchersOfText = new Set(['match', 'matchAll', 'replace', 'replaceAll', 'search', 'split'])
const matchersOfExpression = new Set(['test', 'exec'])

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
