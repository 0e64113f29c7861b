import { edgeKinds, type FileModel } from '../model/file-model.ts'
import { libraries } from '../models/libraries.ts'
import type { Checks, Shape } from '../models/shape.ts'
import { keepsValue } from './adjacency.ts'
import { seedByName } from './names.ts'
import type { Program } from './program.ts'

interface Growing {
  own: Shape | undefined
  readonly below: Map<string, Growing>
}

/** What a value is that a schema has checked, by what the schema's fields are. */
export function checkedShape(checks: Checks): Shape | undefined {
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
export function seed(program: Program, give: (node: number, shape: Shape | string) => void): void {
  const { files, bases, externals, globals, functions } = program
  for (const { specifier, node } of externals) {
    const model = libraries.modules.get(specifier.replace(/^node:/, '')) ?? libraries.modules.get(specifier)
    if (model) give(node, model)
  }
  for (const [name, nodes] of globals) {
    const model = libraries.globals.get(name)
    if (model && nodes[0] !== undefined) give(nodes[0], model)
  }
  const { offsets, targets } = program.forward
  /** Of a lone parameter `request`, which clients have as well. */
  const isReadAsIncoming = (node: number, depth = 0): boolean => {
    for (let slot = offsets[node]!; slot < offsets[node + 1]!; slot += 3) {
      const kind = targets[slot + 1]
      if (kind === edgeKinds.load ? ofIncoming.has(program.fields[targets[slot + 2]!]!) : depth < 4 && keepsValue(kind!) && isReadAsIncoming(targets[slot]!, depth + 1)) return true
    }
    return false
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
  seedByName(program, give)
  for (const { params, paramNames, file } of functions) {
    if (paramNames[0] === 'ctx' && paramNames[1] === 'next') give(params[0]!, 'koa.context')
    const entry = paramNames.findIndex((name) => /^(?:(?:zip|tar|archive)?_?entry|header)$/i.test(name))
    if (entry >= 0 && readsArchives(files[file]!)) give(params[entry]!, 'archive.entry')
    // `(req, res)` at the start, behind an error, or behind what a server of one's own is given.
    const behind = paramNames.findIndex((name, index) => /^_?req(?:uest)?$/.test(name) && /^_?(?:res|resp|response)$/.test(paramNames[index + 1] ?? ''))
    const at = behind > 0 ? behind : paramNames[0] !== undefined && /^_?(?:err|error)$/.test(paramNames[0]) ? 1 : 0
    const first = paramNames[at]
    const second = paramNames[at + 1]
    if (first !== undefined && /^_?(?:req|request)$/.test(first) && (second === undefined ? !otherwise.has(params[at]!) && (!first.endsWith('request') || isReadAsIncoming(params[at]!)) : /^_?(?:res|resp|response|reply|next|cb|callback|done)$/.test(second))) {
      give(params[at]!, 'http.request')
      if (second !== undefined && /^_?(?:res|resp|response|reply)$/.test(second)) give(params[at + 1]!, /reply/.test(second) ? 'fastify.reply' : 'http.response')
    } else if (first === undefined || !/^_?(?:res|response)$/.test(first)) {
      if (second !== undefined && /^_?res$/.test(second) && first !== undefined && /req/i.test(first)) give(params[at + 1]!, 'http.response')
    }
  }
}

/** What only a request that came in has. `url`, `headers` and `body` have those that are to be sent as well. */
const ofIncoming = new Set(['query', 'params', 'cookies', 'signedCookies', 'session', 'get', 'header', 'param', 'ip', 'ips', 'hostname', 'originalUrl', 'baseUrl', 'nextUrl', 'geo', 'json', 'formData', 'user', 'file', 'files', 'socket', 'connection', 'httpVersion', 'raw', 'rawBody', 'accepts', 'is', 'pipe', 'on', 'route', 'app', 'res', 'event', 'pathParameters', 'queryStringParameters', 'payload', 'auth', 'server', 'state'])

/** A file that is about archives, by its name or by what it imports. */
const readsArchives = ({ path, imports }: FileModel) => archiveWord.test(path) || imports.some(({ specifier }) => archiveWord.test(specifier))
const archiveWord = /zip|\b(?:un)?tar\b|untar|unpack|extract|archive|decompress/i

export function shapeNamed(shape: Shape | string): Shape | undefined {
  return typeof shape === 'string' ? libraries.types.get(shape) : shape
}

export function memberOf(shape: Shape, field: string): Shape | undefined {
  const member = (shape.members && Object.hasOwn(shape.members, field) ? shape.members[field] : undefined) ?? (field === '*' ? shape.members?.['[]'] : undefined) ?? (field === 'default' || field === 'promises' ? shape : shape.members?.['*'])
  return member === undefined ? undefined : shapeNamed(member)
}
