import { all, kinds, kindsOf, untrusted, type Kinds } from './kinds.ts'
import { Paths } from './flow/paths.ts'
import { linkProgram, type Program } from './flow/program.ts'
import { findSinks } from './flow/sinks.ts'
import { followTaint, harmlessOf, type Flow, type Origin, type Start } from './flow/taint.ts'
import { resolveValues, type Values } from './flow/values.ts'
import type { FileModel } from './model/file-model.ts'
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
  const sinks = findSinks(program, values)
  const guardMasks = program.guards.map(({ call, arg, holds }) => guardMask(program, values, call, arg, holds))
  const result = followTaint(program, paths, values, findStarts(program, values, isPublished), sinks, guardMasks)
  const flows = result.flows.filter(({ sink }) => sink.kind !== 'prototype' || isKeyUntrusted(program, result.reaches, sink.file, sink.start))
  return { program, values, flows, isCut: values.isCut || result.isCut }
}

/** `base[key] = value`: only where the name is untrusted as well. */
function isKeyUntrusted({ files, bases }: Program, reaches: (node: number, kinds: Kinds) => boolean, file: number, start: number): boolean {
  return files[file]!.keyed.some((access) => access.isWrite && access.start === start && reaches(access.key + bases[file]!, kinds.key))
}

function guardMask(program: Program, values: Values, call: number, arg: number, holds: 'truthy' | 'falsy' | 'returned'): Kinds {
  const targets = values.targets[call]!
  if (targets.length > 0) return targets.reduce((mask, target) => mask & (program.functions[target]!.guards[holds][arg] ?? 0), all)
  return values.models[call]!.reduce((mask, { guards }) => (guards && guards.arg === arg && (guards.when ?? 'truthy') === holds ? mask | harmlessOf(guards.harmless) : mask), 0)
}

const originKinds: Readonly<Record<Origin, Kinds>> = {
  request: untrusted,
  message: untrusted,
  browser: kindsOf('html', 'code', 'redirect', 'regexInput', 'regexSource', 'key', 'url', 'method', 'template'),
  archive: kindsOf('path'),
  response: kindsOf('html', 'code', 'command', 'deserialise'),
  library: kindsOf('command', 'argument', 'code', 'regexInput', 'key', 'html', 'path', 'deserialise', 'module'),
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
