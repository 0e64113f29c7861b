import { kinds, kindsOf, untrusted, type Kinds } from './kinds.ts'
import { Bounds, type Bound } from './flow/bounds.ts'
import { followExpressions } from './flow/expressions.ts'
import { guardMasks } from './flow/guards.ts'
import { Paths } from './flow/paths.ts'
import { linkModules, type Modules } from './flow/modules.ts'
import { linkProgram, type Program } from './flow/program.ts'
import { tellingNodes } from './flow/secrets.ts'
import { findSinks } from './flow/sinks.ts'
import { followTaint, type Flow, type Start } from './flow/taint.ts'
import type { Origin } from './flow/ways.ts'
import { resolveValues, type Values } from './flow/values.ts'
import type { FileModel } from './model/file-model.ts'
import { headOf } from './model/encoded.ts'
import { modelFile } from './model/model-file.ts'
import { isTemplate } from './model/templates/read-template.ts'

export interface Analysis {
  readonly program: Program
  readonly values: Values
  readonly flows: readonly Flow[]
  /** Bounds that were reached, and at how many places: what lies behind is not followed. */
  readonly bounds: ReadonlyMap<Bound, number>
}

export interface AnalysisOptions {
  /** Whether others may call what this file exports, so that its parameters are untrusted; default every file. */
  readonly isPublished?: (path: string) => boolean
}

/** Analyses source files as one program. `documents`: texts of `package.json` and `tsconfig.json` by path. */
export function analyse(sources: ReadonlyMap<string, string>, documents: ReadonlyMap<string, string>, options: AnalysisOptions = {}): Analysis {
  const models = [...sources].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([path, text]) => modelFile(path, text))
  return analyseModels(models, linkModules(models.map(headOf), documents), options)
}

/** The same of models: all that `modules` were linked of, or one unit of them. */
export function analyseModels(files: readonly FileModel[], modules: Modules, { isPublished = () => true }: AnalysisOptions = {}): Analysis {
  const program = linkProgram(files.toSorted((a, b) => (a.path < b.path ? -1 : 1)), modules)
  const bounds = new Bounds()
  for (const [index, file] of program.files.entries()) for (const bound of file.bounds) bounds.reach(bound, index)
  const paths = new Paths(bounds, program.fields)
  const values = resolveValues(program, paths, bounds)
  const sinks = findSinks(program, values, followExpressions(program, paths, values))
  const starts = findStarts(program, values, isPublished)
  const taint = followTaint(program, paths, values, starts, sinks, bounds)
  const follow = (broken: ReadonlySet<number>) => taint(guardMasks(program, values, broken, bounds))
  // What a list lets through is one of its entries, unless a stranger fills the list: then it is followed again without that check.
  const broken = new Set<number>()
  let result = follow(broken)
  for (let round = 0; round < 3; round += 1) {
    const found = [...program.guards.keys()].filter((guard) => !broken.has(guard) && program.guards[guard]!.unless !== undefined && (round === 2 || result.isUntrusted(program.guards[guard]!.unless!)))
    if (found.length === 0 || (round === 2 && !found.some((guard) => result.isUntrusted(program.guards[guard]!.unless!)))) break
    for (const guard of found) broken.add(guard)
    result = follow(broken)
  }
  const flows = result.flows().filter(({ sink }) => sink.kind !== 'prototype' || isKeyUntrusted(program, result.reaches, sink.file, sink.start))
  return { program, values, flows, bounds: bounds.counts() }
}

/** `base[key] = value`: only where the name is untrusted as well. */
function isKeyUntrusted({ files, bases }: Program, reaches: (node: number, kinds: Kinds) => boolean, file: number, start: number): boolean {
  return files[file]!.keyed.some((access) => access.isWrite && access.start === start && reaches(access.key + bases[file]!, kinds.key))
}

const originKinds: Readonly<Record<Origin, Kinds>> = {
  request: untrusted,
  message: untrusted,
  queue: untrusted,
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
    if (isTemplate(program.files[file]!.path)) continue
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
