import { all, harmlessOf, kinds, kindsOf, untrusted, type Kinds } from './kinds.ts'
import { followExpressions } from './flow/expressions.ts'
import { Paths } from './flow/paths.ts'
import { linkProgram, type Program } from './flow/program.ts'
import { tellingNodes } from './flow/secrets.ts'
import { findSinks } from './flow/sinks.ts'
import { followTaint, type Flow, type Start } from './flow/taint.ts'
import type { Origin } from './flow/ways.ts'
import { resolveValues, type Values } from './flow/values.ts'
import { elementsOf, type FileModel } from './model/file-model.ts'
import { modelFile } from './model/model-file.ts'

export interface Analysis {
  readonly program: Program
  readonly values: Values
  readonly flows: readonly Flow[]
  readonly isCut: boolean
}

export interface AnalysisOptions {
  /** Whether others may call what this file exports, so that its parameters are untrusted; default every file. */
  readonly isPublished?: (path: string) => boolean
}

/** Analyses source files as one program. `documents`: texts of `package.json` and `tsconfig.json` by path. */
export function analyse(sources: ReadonlyMap<string, string>, documents: ReadonlyMap<string, string>, options: AnalysisOptions = {}): Analysis {
  return analyseModels([...sources].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([path, text]) => modelFile(path, text)), documents, options)
}

export function analyseModels(files: readonly FileModel[], documents: ReadonlyMap<string, string>, { isPublished = () => true }: AnalysisOptions = {}): Analysis {
  const program = linkProgram(files, documents)
  const paths = new Paths()
  const values = resolveValues(program, paths)
  const sinks = findSinks(program, values, followExpressions(program, paths, values))
  const result = followTaint(program, paths, values, findStarts(program, values, isPublished), sinks, guardMasks(program, values))
  const flows = result.flows.filter(({ sink }) => sink.kind !== 'prototype' || isKeyUntrusted(program, result.reaches, sink.file, sink.start))
  return { program, values, flows, isCut: values.isCut || result.isCut }
}

/** `base[key] = value`: only where the name is untrusted as well. */
function isKeyUntrusted({ files, bases }: Program, reaches: (node: number, kinds: Kinds) => boolean, file: number, start: number): boolean {
  return files[file]!.keyed.some((access) => access.isWrite && access.start === start && reaches(access.key + bases[file]!, kinds.key))
}

/** What every condition that a function decides makes harmless, also where that function asks another one. */
function guardMasks(program: Program, values: Values): Kinds[] {
  const known: (Kinds | undefined)[] = program.guards.map(() => undefined)
  const summary = (fn: number, holds: 'truthy' | 'falsy' | 'returned', arg: number): Kinds => {
    const found = program.functions[fn]!.guards[holds][arg]
    return found ? found.guards.reduce((mask, guard) => mask | resolve(guard), found.harmless) : 0
  }
  const resolve = (index: number): Kinds => {
    const before = known[index]
    if (before !== undefined) return before
    known[index] = 0 // A function that asks itself decides nothing by that.
    const { call, arg, holds } = program.guards[index]!
    const isElements = arg === elementsOf
    const targets = isElements ? values.functionsAt(program.calls[call]!.args[0] ?? -1, 0) : values.targets[call]!
    const mask =
      targets.length > 0
        ? targets.reduce((kept, target) => kept & summary(target, holds, isElements ? 0 : arg), all)
        : values.models[call]!.reduce((kept, { guards }) => (guards && guards.arg === arg && (guards.when ?? 'truthy') === holds ? kept | harmlessOf(guards.harmless) : kept), 0)
    known[index] = mask
    return mask
  }
  return program.guards.map((_, index) => resolve(index))
}

const originKinds: Readonly<Record<Origin, Kinds>> = {
  request: untrusted,
  message: untrusted,
  browser: kindsOf('html', 'link', 'code', 'redirect', 'regexInput', 'regexSource', 'key', 'url', 'method', 'template'),
  archive: kindsOf('path'),
  content: kindsOf('html', 'link'),
  response: kindsOf('html', 'link', 'code', 'command', 'deserialise'),
  library: kindsOf('command', 'argument', 'code', 'regexInput', 'regexSource', 'allocation', 'key', 'html', 'deserialise', 'module'),
  'command-line': kindsOf('command', 'code'),
  environment: 0,
  file: 0,
  database: 0,
  secret: kinds.secret,
  stack: kinds.stack,
}

function findStarts(program: Program, values: Values, isPublished: (path: string) => boolean): Start[] {
  const starts: Start[] = []
  for (const [node, source] of values.origins) if (originKinds[source] !== 0) starts.push({ node, origin: source, kinds: originKinds[source] })
  const { secrets, stacks } = tellingNodes(program)
  for (const node of secrets) starts.push({ node, origin: 'secret', kinds: originKinds.secret })
  for (const node of stacks) starts.push({ node, origin: 'stack', kinds: originKinds.stack })
  for (const fn of exportedFunctions(program, values)) {
    const { params, paramNames, file } = program.functions[fn]!
    if (!isPublished(program.files[file]!.path)) continue
    for (const [index, node] of params.entries()) if (!/^(?:cb|callback|next|done|fn|resolve|reject|_+|res|req|ctx)$/i.test(paramNames[index]!)) starts.push({ node, origin: 'library', kinds: originKinds.library })
    const { args } = program.functions[fn]!
    if (args >= 0) starts.push({ node: args, origin: 'library', kinds: originKinds.library })
  }
  return starts
}

/** What users of the package can call: exported functions, methods of exported classes and objects, and of what they return. */
function exportedFunctions(program: Program, values: Values): ReadonlySet<number> {
  const found = new Set<number>()
  const statics = staticsOf(program, values)
  const visit = (nodes: readonly number[], depth: number) => {
    for (const node of nodes)
      for (const fn of values.functionsAt(node, 3)) {
        // Methods that are private, or named by a symbol, are for the package itself.
        if (found.has(fn) || /^[#@]/.test(program.functions[fn]!.name)) continue
        found.add(fn)
        if (depth === 0) continue
        const { instance, returns } = program.functions[fn]!
        visit([...(instance >= 0 ? [instance] : []), returns, ...(statics.get(fn) ?? [])], depth - 1)
      }
  }
  for (const file of program.entries) {
    const { module, isScript, globals } = program.files[file]!
    visit([module + program.bases[file]!], 2)
    // What a script leaves behind for others: global names, plug-ins of jQuery.
    for (const [name, node] of globals) if (isScript || /^(?:window|self|globalThis|global|root|jQuery|\$|angular|define)$/.test(name)) visit([node + program.bases[file]!], 1)
  }
  return found
}

/** What is put into fields of functions: `Class.of = function …`. */
function staticsOf({ files, bases }: Program, values: Values): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>()
  for (const [index, { stores }] of files.entries())
    for (const { base, value } of stores)
      for (const fn of values.functionsAt(base + bases[index]!, 0)) {
        const list = found.get(fn)
        if (list) list.push(value + bases[index]!)
        else found.set(fn, [value + bases[index]!])
      }
  return found
}
