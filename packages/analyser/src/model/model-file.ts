import type { Program } from 'oxc-parser'
import type { Node } from './ast.ts'
import { Builder, type FunctionScope } from './builder.ts'
import { Environment } from './environment.ts'
import { hoist } from './declarations.ts'
import { ownTypesOf } from './declared-types.ts'
import { edgeKinds, type FileModel, type FileProblem } from './file-model.ts'
import { resolveScopes } from './scopes.ts'
import { componentStatement, templateExpressions } from './components.ts'
import { readMarkup, type Markup } from './markup.ts'
import { nestingOf } from './nesting.ts'
import { parseText } from './parse-text.ts'
import { statement } from './statements.ts'
import { readTemplate } from './templates/read-template.ts'
import type { TemplateScript } from './templates/template-script.ts'
import { templateModel } from './templates/template-model.ts'

/** Longer texts are generated. Characters. */
const longest = 5_000_000

/** A parser that recurses in native code gets here with half of the stack that a worker has. Steps of `nestingOf`. */
const deepest = 6500

/** Reads one file: its syntax, then what it says about values. Never throws for what the file holds. */
export function modelFile(path: string, text: string): FileModel {
  if (text.length > longest) return unread(path, text, { kind: 'too-large', message: `it has ${text.length} characters, more than ${longest}`, at: 0 })
  const template = readTemplate(path, text)
  if (template) return modelTemplate(path, text, template)
  const markup = /\.(?:vue|svelte|html?)$/i.test(path) ? readMarkup(path, text) : undefined
  const source = markup?.source ?? text
  const depth = nestingOf(source, { hasElements: !/\.[cm]?ts$/i.test(path), enough: deepest })
  if (depth > deepest) return unread(path, text, { kind: 'too-deep', message: 'its code is nested too deeply', at: 0 })
  if (isMinified(path, source)) return unread(path, text, { kind: 'minified', message: 'it is minified', at: 0 })
  try {
    let parsed = parse(path, source)
    // An expression of the template that is none must not hide the scripts.
    const isWhole = !markup || markup.expressions.length === 0 || !('problem' in parsed || parsed.problems.length > 0)
    if (!isWhole) parsed = parse(path, markup.scripts)
    if ('problem' in parsed) return unread(path, text, parsed.problem)
    return build(path, source, parsed.program, parsed.problems, isWhole ? markup : undefined)
  } catch (error) {
    if (error instanceof RangeError) return unread(path, text, { kind: 'too-deep', message: 'its code is nested too deeply', at: 0 })
    throw error
  }
}

/** What of a template is no JavaScript is not followed, and said to be so: who reads templates of their own kind need not be told to mend them. */
function modelTemplate(path: string, text: string, template: TemplateScript): FileModel {
  const source = template.code
  try {
    const parsed = nestingOf(source, { hasElements: true, enough: deepest }) > deepest ? undefined : parse(path, source)
    if (!parsed || 'problem' in parsed || parsed.problems.length > 0) return { ...unread(path, text), bounds: ['templates'] }
    return { ...templateModel(build(path, source, parsed.program, [], undefined, true), template), lines: lineCount(text) }
  } catch (error) {
    if (error instanceof RangeError) return { ...unread(path, text), bounds: ['templates'] }
    throw error
  }
}

/** By its name, or since nearly all of it stands in long lines. Whether that is a pity is for those to say who know where it lies. */
function isMinified(path: string, text: string): boolean {
  if (/[.-]min\.[cm]?js$/i.test(path)) return true
  if (text.length < 5000) return false
  let long = 0
  for (let from = 0; from <= text.length; ) {
    const newLine = text.indexOf('\n', from)
    const end = newLine < 0 ? text.length : newLine
    if (end - from > 1000) long += end - from
    from = end + 1
  }
  return long > text.length * 0.9
}

type Parsed = { readonly program: Program; readonly problems: FileProblem[] } | { readonly problem: FileProblem }

function parse(path: string, source: string): Parsed {
  const isTypeScript = /\.[cm]?tsx?$/i.test(path) || (/\.(?:vue|svelte)$/i.test(path) && /[\s\S]/.test(source))
  const attempts = isTypeScript ? ([/\.tsx$/i.test(path) ? 'tsx' : 'ts'] as const) : (['jsx', 'tsx'] as const)
  let problem: FileProblem = { kind: 'syntax', message: 'it cannot be parsed', at: 0 }
  for (const lang of attempts)
    for (const sourceType of ['module', 'script'] as const) {
      const result = parseText(path, source, { lang, sourceType, preserveParens: false })
      const errors = result.errors.filter(({ severity }) => severity === 'Error')
      const [first] = errors
      if (!first) return { program: result.program, problems: [] }
      const at = first.labels[0]?.start ?? 0
      if (problem.message === 'it cannot be parsed') problem = { kind: 'syntax', message: first.message.split('\n')[0]!, at }
      // What could be read in spite of a semantic error, such as a name declared twice, is read.
      if (result.program.body.length > 0) return { program: result.program, problems: [{ kind: 'syntax', message: first.message.split('\n')[0]!, at }] }
    }
  return { problem }
}

function build(path: string, text: string, program: Program, problems: FileProblem[], markup: Markup | undefined, isTemplateFile = false): FileModel {
  const top = resolveScopes(program as Node)
  const b = new Builder(text)
  b.problems.push(...problems)
  if (markup?.isCut) b.cut('templates')
  b.ownTypes = ownTypesOf(program.body)
  b.topNames = new Map(top.map((variable) => [variable.name, variable]))
  const at = { start: 0, end: 0 }
  b.module = b.node(at)
  b.exports = b.node(at)
  b.edge(b.exports, b.module, edgeKinds.store, b.field('exports'))
  const returns = b.node(at)
  const model: FunctionScope['model'] = { node: b.node(at), name: '', params: [], paramNames: [], rest: -1, args: -1, self: b.exports, isBound: true, returns, instance: -1, outer: -1, guards: { truthy: [], falsy: [], returned: [] }, asserts: [], runs: 'at once', start: 0, end: text.length }
  b.functions.push(model)
  b.fn = { index: 0, ast: program as Node, model, outer: undefined, createdIn: undefined, createdAt: 0, env: new Environment(undefined), params: [], exits: { truthy: false, falsy: false, returned: false } }
  const isModule = isTemplateFile || /\b(?:require|module|exports|define)\b/.test(text) || program.body.some(({ type }) => /^(?:Import|Export)/.test(type))
  if (!isModule) for (const variable of top) variable.isCaptured = true
  const moduleScope = b.fn
  const [first] = program.body
  const directive = first?.type === 'ExpressionStatement' && 'directive' in first ? first.directive : undefined
  const isTemplate = (child: Node) => markup?.expressions.some(({ start, end }) => start <= child.end && child.start <= end) === true
  const body = markup ? program.body.filter((child) => !isTemplate(child)) : program.body
  hoist(b, body)
  for (const child of body) (markup ? componentStatement : statement)(b, child)
  for (let index = 0; index < b.later.length; index += 1) {
    b.fn = moduleScope
    b.later[index]!()
  }
  b.fn = moduleScope
  if (markup) templateExpressions(b, program.body.filter(isTemplate), markup.expressions)
  if (!isModule) for (const variable of top) b.globals.set(variable.name, b.cell(variable, at))
  // What a CommonJS module exports is its default export as well, for those who import it so.
  if (!program.body.some(({ type }) => type.startsWith('Export'))) {
    const exported = b.node(at)
    const alias = b.node(at)
    b.edge(b.module, exported, edgeKinds.load, b.field('exports'))
    b.copy(exported, alias)
    b.edge(alias, exported, edgeKinds.store, b.field('default'))
  }
  return {
    path,
    starts: b.starts,
    ends: b.ends,
    edges: b.edges,
    fields: b.fields,
    calls: b.calls,
    functions: b.functions,
    stores: b.stores,
    guards: b.guards,
    imports: b.imports,
    module: b.module,
    isScript: !isModule,
    globals: [...b.globals],
    constants: [...b.constants],
    prefixes: b.prefixes,
    regexes: b.regexes,
    keyed: b.keyed,
    comparisons: b.comparisons,
    annotations: b.annotations,
    names: b.names,
    developmentOnly: b.developmentOnly,
    literals: b.literals,
    ...(directive && { directive }),
    lines: lineCount(text),
    problems: b.problems,
    bounds: [...b.bounds],
  }
}

const lineCount = (text: string): number => {
  let lines = 1
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1
  return lines
}

function unread(path: string, text: string, problem?: FileProblem): FileModel {
  return { path, starts: [0, 0], ends: [0, 0], edges: [1, 0, edgeKinds.store, 1], fields: ['*', 'exports'], calls: [], functions: [], stores: [], guards: [], imports: [], module: 0, isScript: false, globals: [], constants: [], prefixes: [], regexes: [], keyed: [], comparisons: [], annotations: [], names: [], developmentOnly: [], literals: [], lines: lineCount(text), problems: problem ? [problem] : [], bounds: [] }
}
