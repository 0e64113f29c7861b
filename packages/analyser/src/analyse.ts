import { all, harmlessOf, kinds, kindsOf, untrusted, type Kinds } from './kinds.ts'
import { Paths } from './flow/paths.ts'
import { linkProgram, type Program } from './flow/program.ts'
import { findSinks } from './flow/sinks.ts'
import { followTaint, type Flow, type Origin, type Start } from './flow/taint.ts'
import { resolveValues, type Values } from './flow/values.ts'
import { elementsOf, type FileModel } from './model/file-model.ts'
import { modelFile } from './model/model-file.ts'

export interface Analysis {
  readonly program: Program
  readonly values: Values
  readonly flows: readonly Flow[]
  readonly isCut: boolean
}

/** Analyses source files as one program. `documents`: texts of `package.json` and `tsconfig.json` by path. */
export function analyse(sources: ReadonlyMap<string, string>, documents: ReadonlyMap<string, string>): Analysis {
  return analyseModels([...sources].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([path, text]) => modelFile(path, text)), documents)
}

export function analyseModels(files: readonly FileModel[], documents: ReadonlyMap<string, string>): Analysis {
  const program = linkProgram(files, documents)
  const paths = new Paths()
  const values = resolveValues(program, paths)
  const sinks = findSinks(program, values)
  const result = followTaint(program, paths, values, findStarts(program, values), sinks, guardMasks(program, values))
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
  browser: kindsOf('html', 'code', 'redirect', 'regexInput', 'regexSource', 'key', 'url', 'method', 'template'),
  archive: kindsOf('path'),
  response: kindsOf('html', 'code', 'command', 'deserialise'),
  library: kindsOf('command', 'argument', 'code', 'regexInput', 'key', 'html', 'deserialise', 'module'),
  'command-line': kindsOf('command', 'code'),
  environment: 0,
  file: 0,
  database: 0,
  secret: kinds.secret,
  stack: kinds.stack,
}

function findStarts(program: Program, values: Values): Start[] {
  const starts: Start[] = []
  for (const [node, source] of values.origins) if (originKinds[source] !== 0) starts.push({ node, origin: source, kinds: originKinds[source] })
  for (const fn of exportedFunctions(program, values)) {
    const { params, paramNames } = program.functions[fn]!
    for (const [index, node] of params.entries()) if (!/^(?:cb|callback|next|done|fn|resolve|reject|_+|res|req|ctx)$/i.test(paramNames[index]!)) starts.push({ node, origin: 'library', kinds: originKinds.library })
    const { args } = program.functions[fn]!
    if (args >= 0) starts.push({ node: args, origin: 'library', kinds: originKinds.library })
  }
  return starts
}

/** What users of the package can call: exported functions, methods of exported classes and objects, and of what they return. */
function exportedFunctions(program: Program, values: Values): ReadonlySet<number> {
  const found = new Set<number>()
  const visit = (nodes: readonly number[], depth: number) => {
    for (const node of nodes)
      for (const fn of values.functionsAt(node, 3)) {
        if (found.has(fn)) continue
        found.add(fn)
        if (depth === 0) continue
        const { instance, returns } = program.functions[fn]!
        visit(instance >= 0 ? [instance, returns] : [returns], depth - 1)
      }
  }
  for (const file of program.entries) visit([program.files[file]!.module + program.bases[file]!], 2)
  return found
}
