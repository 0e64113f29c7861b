import { edgeKinds, type EdgeKind } from '../model/file-model.ts'
import { isTemplate, templateFunction } from '../model/templates/read-template.ts'
import type { Shape } from '../models/shape.ts'
import { fileOf, type Program, type ProgramCall, type ProgramFunction } from './program.ts'

interface Template {
  readonly path: string
  /** Without its extension. */
  readonly stem: string
  readonly fn: ProgramFunction
  readonly locals: number
  /** Its names that it is given: where they are read. */
  readonly reads: ReadonlyMap<string, readonly number[]>
}

interface Linking {
  readonly program: Program
  readonly shapesOf: (node: number) => readonly Shape[]
  readonly functionsAt: (node: number) => readonly number[]
  readonly flow: (from: number, to: number, kind: EdgeKind, data?: number) => void
  readonly link: (call: number, target: number) => void
}

const renders = /^(?:render|renderFile|renderAsync|renderFileAsync|renderView|view|viewAsync|renderTemplate|template)$/
const compiles = /^(?:compile|compileFile|getTemplate|parseFile|parseFileSync)$/

/**
 * What is rendered: the template that a call names (a template of that name is there), with what it is given; what handlers leave for
 * all templates (`res.locals`, `app.locals`, `ctx.state`); partials; helpers that the program registers.
 */
export function linkTemplates({ program, shapesOf, functionsAt, flow, link }: Linking): void {
  const { files, bases, calls } = program
  const templates = files.flatMap(({ path }, index) => (isTemplate(path) ? (templateOf(program, index) ?? []) : []))
  if (templates.length === 0) return
  const byPath = new Map(templates.map((template) => [template.path, template]))
  const byName = Map.groupBy(templates, ({ stem }) => stem.slice(stem.lastIndexOf('/') + 1))
  const find = (name: string, from: string) => named(byName, name, from)
  const give = (from: number, { locals }: Template) => flow(from, locals, edgeKinds.copy)

  const helpers = new Map<string, number[]>()
  for (const { name, args } of calls) {
    const helper = name === 'registerHelper' || name === 'addFilter' ? program.constants.get(args[0] ?? -1) : undefined
    if (typeof helper === 'string') helpers.set(helper, [...(helpers.get(helper) ?? []), ...functionsAt(args[1] ?? -1)])
  }
  for (const [index, call] of calls.entries()) {
    const { path } = files[call.file]!
    const own = byPath.get(path)
    if (own) {
      const partial = call.name === 'include' ? program.constants.get(call.args[0] ?? -1) : undefined
      const meant = typeof partial === 'string' ? find(partial, path) : undefined
      if (meant && meant !== own) {
        give(own.locals, meant)
        for (const given of call.args.slice(1)) give(given, meant)
      }
      for (const target of helpers.get(call.name) ?? []) link(index, target)
      continue
    }
    const isCompiled = compiles.test(call.name)
    if (!isCompiled && !renders.test(call.name)) continue
    const name = textOf(program, call.args[0] ?? -1, 0)
    const meant = name === undefined || (isCompiled && !isTemplate(name)) ? undefined : find(name, path)
    if (!meant) continue
    if (isCompiled) flow(meant.fn.node, call.result, edgeKinds.copy)
    else if (call.args[1] !== undefined) {
      give(call.args[1], meant)
      // What stands around it is given the same.
      for (const layout of templates) if (isLayout(layout) && layout.path.slice(layout.stem.length) === meant.path.slice(meant.stem.length)) give(call.args[1], layout)
    }
  }
  for (const [index, { stores, annotations }] of files.entries()) {
    const base = bases[index]!
    for (const { base: object, field, value } of stores) {
      const readers = templates.filter(({ reads }) => reads.has(field))
      if (readers.length === 0 || !shapesOf(object + base).some(({ api }) => api === 'request.locals')) continue
      for (const { reads } of readers) for (const read of reads.get(field)!) flow(value + base, read, edgeKinds.copy)
    }
    // `@Render('index')`: the template is given what the method returns.
    for (const [node, type] of annotations) {
      const meant = type.startsWith('@Render ') ? find(type.slice('@Render '.length), files[index]!.path) : undefined
      if (meant) give(node + base, meant)
    }
  }
}

const isLayout = ({ path }: Template) => /(?:^|\/)layouts?\/|(?:^|\/)_?layout\.\w+$/.test(path)

function templateOf(program: Program, index: number): Template | undefined {
  const { path, edges, fields } = program.files[index]!
  const base = program.bases[index]!
  const fn = program.functions.find((one) => one.file === index && one.name === templateFunction)
  const locals = fn?.params[0]
  if (!fn || locals === undefined) return undefined
  const reads = new Map<string, number[]>()
  for (let at = 0; at < edges.length; at += 4) {
    if (edges[at + 2] !== edgeKinds.load || edges[at]! + base !== locals) continue
    const field = fields[edges[at + 3]!]!
    reads.set(field, [...(reads.get(field) ?? []), edges[at + 1]! + base])
  }
  return { path, stem: path.replace(/\.[^./]+$/, ''), fn, locals, reads }
}

/** The template that a name means: beside the one that names it, or the next one whose path ends so. */
function named(byName: ReadonlyMap<string, readonly Template[]>, name: string, from: string): Template | undefined {
  const wanted = name.replace(/^(?:\.{0,2}\/)+/, '').replace(/^(?:.*\/)?\.\.\//, '')
  const stem = isTemplate(wanted) ? wanted.replace(/\.[^./]+$/, '') : wanted
  const last = stem.slice(stem.lastIndexOf('/') + 1)
  const folder = stem.slice(0, stem.length - last.length)
  const candidates = [`${folder}${last}`, `${folder}_${last}`, `${stem}/index`].flatMap((path) => (byName.get(path.slice(path.lastIndexOf('/') + 1)) ?? []).filter((template) => (template.stem === path || template.stem.endsWith(`/${path}`)) && (stem === wanted || template.path.endsWith(wanted))))
  const shared = (path: string) => {
    let length = 0
    while (length < path.length && path[length] === from[length]) length += 1
    return length
  }
  return candidates.length < 2 ? candidates[0] : candidates.reduce((best, one) => (shared(one.path) > shared(best.path) ? one : best))
}

/** How far back the path of a template is looked for. */
const deepest = 6

/** The constant end of a path: as text, or behind `path.join`, `readFileSync` and variables. */
function textOf(program: Program, node: number, depth: number): string | undefined {
  if (node < 0 || depth > deepest) return undefined
  const constant = program.constants.get(node)
  if (constant !== undefined) return typeof constant === 'string' ? constant : undefined
  const call = callGiving(program, node)
  if (call && /^(?:join|resolve|readFileSync|readFile|toString)$/.test(call.name)) {
    if (call.name === 'toString') return textOf(program, call.receiver, depth + 1)
    const argument = call.name.startsWith('read') ? call.args[0] : call.args.at(-1)
    return textOf(program, argument ?? -1, depth + 1)
  }
  const file = fileOf(program, node)
  const { edges } = program.files[file]!
  const base = program.bases[file]!
  // The last piece of what is joined to one text.
  for (let at = edges.length - 4; at >= 0; at -= 4) {
    if (edges[at + 1]! + base !== node || (edges[at + 2] !== edgeKinds.copy && edges[at + 2] !== edgeKinds.derive)) continue
    const found = textOf(program, edges[at]! + base, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

const results = new WeakMap<Program, ReadonlyMap<number, ProgramCall>>()
function callGiving(program: Program, node: number): ProgramCall | undefined {
  let known = results.get(program)
  if (!known) results.set(program, (known = new Map(program.calls.map((call) => [call.result, call]))))
  return known.get(node)
}
