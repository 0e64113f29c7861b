import { edgeKinds, type FileModel } from '../file-model.ts'
import { templateFunction } from './read-template.ts'
import type { TemplateScript } from './template-script.ts'

/** What is there in a template whoever renders it. */
const language = new Set(['undefined', 'NaN', 'Infinity', 'JSON', 'Math', 'Object', 'Array', 'String', 'Number', 'Boolean', 'Date', 'RegExp', 'Map', 'Set', 'Error', 'Symbol', 'Promise', 'parseInt', 'parseFloat', 'isNaN', 'isFinite', 'encodeURIComponent', 'encodeURI', 'decodeURIComponent', 'decodeURI', 'console', '$$html', '$$json', '$$link'])

/** The model of a template's code: its places are those of the template, and names that it does not declare are fields of what it is given. */
export function templateModel(model: FileModel, script: TemplateScript): FileModel {
  const start = (offset: number) => script.startOf(offset)
  const end = (offset: number) => script.endOf(offset)
  const placed = <T extends { readonly start: number; readonly end: number }>(one: T): T => {
    const from = start(one.start)
    return { ...one, start: from, end: Math.max(from, end(one.end)) }
  }
  const fields = [...model.fields]
  const edges = [...model.edges]
  const locals = model.functions.find(({ name }) => name === templateFunction)?.params[0]
  const globals = model.globals.filter(([name, node]) => {
    if (language.has(name) || locals === undefined) return true
    const known = fields.indexOf(name)
    edges.push(locals, node, edgeKinds.load, known < 0 ? fields.push(name) - 1 : known)
    return false
  })
  const starts = model.starts.map(start)
  return {
    ...model,
    starts,
    ends: model.ends.map((offset, node) => Math.max(starts[node]!, script.firstEndOf(model.starts[node]!, offset))),
    fields,
    edges,
    globals,
    calls: model.calls.map((call) => ({ ...placed(call), at: start(call.at), name: script.names.get(call.start) ?? call.name })),
    functions: model.functions.map(placed),
    stores: model.stores.map(placed),
    imports: [],
    keyed: model.keyed.map(placed),
    regexes: model.regexes.map(placed),
    comparisons: model.comparisons.map(([left, right, from, to]) => [left, right, start(from), Math.max(start(from), end(to))] as const),
  }
}
