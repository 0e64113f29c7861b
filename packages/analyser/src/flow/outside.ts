import { libraries } from '../models/libraries.ts'
import type { Shape } from '../models/shape.ts'
import type { Program } from './program.ts'

interface Growing {
  own: Shape | undefined
  readonly below: Map<string, Growing>
}

/** What a value is that a schema has checked, by what the schema's fields are. */
export function checkedShape(checks: readonly (readonly [names: readonly string[], shape: Shape])[]): Shape | undefined {
  const root: Growing = { own: undefined, below: new Map() }
  for (const [names, shape] of checks) {
    let at = root
    for (const name of names) {
      let next = at.below.get(name)
      if (!next) at.below.set(name, (next = { own: undefined, below: new Map() }))
      at = next
    }
    at.own = shape
  }
  const build = ({ own, below }: Growing): Shape => ({ ...own, ...(below.size > 0 && { members: Object.fromEntries([...below].map(([name, inner]) => [name, build(inner)])) }) })
  return root.own || root.below.size > 0 ? build(root) : undefined
}

/** Whether a path below an argument is where a callback is expected: `handler`, `*`, `resolvers.*`. */
export function isBelow(field: string | undefined, names: readonly string[]): boolean {
  if (field === undefined || names.length === 0) return field === undefined && names.length === 0
  const [first, below] = field.split('.')
  return (first === '*' || names[0] === first) && (below !== undefined || names.length === 1)
}

/** Modules, globals, declared types, and what a parameter's name gives away, where files say so. */
export function seed({ files, bases, externals, globals, functions }: Program, give: (node: number, shape: Shape | string) => void): void {
  for (const { specifier, node } of externals) {
    const model = libraries.modules.get(specifier.replace(/^node:/, '')) ?? libraries.modules.get(specifier)
    if (model) give(node, model)
  }
  for (const [name, nodes] of globals) {
    const model = libraries.globals.get(name)
    if (model && nodes[0] !== undefined) give(nodes[0], model)
  }
  /** Values whose declared type is none that models know. */
  const otherwise = new Set<number>()
  for (const [index, file] of files.entries()) {
    for (const [node, type] of file.annotations) {
      const model = libraries.annotations.get(type)
      if (model) give(node + bases[index]!, model)
      else otherwise.add(node + bases[index]!)
    }
  }
  for (const { params, paramNames } of functions) {
    const at = paramNames[0] !== undefined && /^_?(?:err|error)$/.test(paramNames[0]) ? 1 : 0
    const first = paramNames[at]
    const second = paramNames[at + 1]
    if (first !== undefined && /^_?(?:req|request)$/.test(first) && (second === undefined ? !otherwise.has(params[at]!) :  /^_?(?:res|resp|response|reply|next|cb|callback|done)$/.test(second))) {
      give(params[at]!, 'http.request')
      if (second !== undefined && /^_?(?:res|resp|response|reply)$/.test(second)) give(params[at + 1]!, /reply/.test(second) ? 'fastify.reply' : 'http.response')
    } else if (first === undefined || !/^_?(?:res|response)$/.test(first)) {
      if (second !== undefined && /^_?res$/.test(second) && first !== undefined && /req/i.test(first)) give(params[at + 1]!, 'http.response')
    }
  }
}

export function shapeNamed(shape: Shape | string): Shape | undefined {
  return typeof shape === 'string' ? libraries.types.get(shape) : shape
}

export function memberOf(shape: Shape, field: string): Shape | undefined {
  const member = (shape.members && Object.hasOwn(shape.members, field) ? shape.members[field] : undefined) ?? (field === '*' ? shape.members?.['[]'] : undefined) ?? (field === 'default' || field === 'promises' ? shape : shape.members?.['*'])
  return member === undefined ? undefined : shapeNamed(member)
}
