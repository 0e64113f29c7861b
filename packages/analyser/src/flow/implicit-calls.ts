import { edgeKinds } from '../model/file-model.ts'
import { genericMethods } from '../models/generic.ts'
import { libraries } from '../models/libraries.ts'
import type { EntryModel, Shape } from '../models/shape.ts'
import type { Bounds } from './bounds.ts'
import type { Paths } from './paths.ts'
import type { Program } from './program.ts'

/** Functions that a framework calls because of the file that exports them. */
export function entryFunctions({ files, bases, fields, functions }: Program, paths: Paths, functionsBelow: (node: number) => readonly (readonly [number, number])[]): [number, EntryModel][] {
  return files.flatMap(({ path, module, directive }, index) => {
    const meant = libraries.entries.filter((entry) => (entry.directive === undefined || entry.directive === directive) && entry.path.test(path))
    if (meant.length === 0) return []
    return functionsBelow(module + bases[index]!).flatMap(([fn, at]): [number, EntryModel][] => {
      const below = at === 0 ? 0 : paths.rest(at, paths.head(at))
      if (below <= 0 || fields[paths.head(at)] !== 'exports' || paths.rest(below, paths.head(below)) !== 0) return []
      const name = fields[paths.head(below)]!
      return meant.filter((entry) => entry.exports.test(name) && (!entry.named || entry.named.test(functions[fn]!.paramNames[0] ?? ''))).map((entry) => [fn, entry])
    })
  })
}

/** Handlers that put something into the same field of a request, and listeners of the same event. */
const mostWriters = 8
const mostListeners = 12

/**
 * A method of a value of which nothing is known (an interface, something that a container hands in) is the one of that
 * name, where only one class of the program has such a method. Values from packages are none of the program's.
 */
export function linkLoneMethods(program: Program, isKnown: (call: number) => boolean, link: (call: number, target: number) => void): void {
  const methods = new Map<string, number | undefined>()
  for (const [index, fn] of program.functions.entries()) {
    if (!fn.isBound || fn.outer < 0 || fn.name === '' || fn.instance === fn.self || genericMethods.has(fn.name) || fn.name.length < 3) continue
    methods.set(fn.name, methods.has(fn.name) ? undefined : index)
  }
  const wanted = program.calls.flatMap((call, index) => {
    const target = call.receiver < 0 || call.kind !== 'call' ? undefined : methods.get(call.name)
    return target !== undefined && program.functions[target]!.params.length >= call.args.length && !isKnown(index) ? [[index, target] as const] : []
  })
  if (wanted.length === 0) return
  const outside = fromPackages(program)
  for (const [index, target] of wanted) if (!outside.has(program.calls[index]!.receiver)) link(index, target)
}

/** Values that come from packages: modules, what is read from them, what calls of them give, and fields that hold such. */
export function fromPackages({ externals, forward, calls, files, bases }: Program): ReadonlySet<number> {
  const found = new Set<number>()
  const work: number[] = []
  const visit = (node: number) => {
    if (node < 0 || found.has(node)) return
    found.add(node)
    work.push(node)
  }
  const results = new Map<number, number[]>()
  for (const { callee, result } of calls) results.set(callee, [...(results.get(callee) ?? []), result])
  const holding = new Map<number, Map<string, number[]>>()
  for (const [index, file] of files.entries()) {
    const stores = new Map<string, number[]>()
    const loads = new Map<string, number[]>()
    for (const store of file.stores) stores.set(store.field, [...(stores.get(store.field) ?? []), store.value + bases[index]!])
    for (let at = 0; at < file.edges.length; at += 4) {
      if (file.edges[at + 2] !== edgeKinds.load) continue
      const name = file.fields[file.edges[at + 3]!]!
      if (stores.has(name)) loads.set(name, [...(loads.get(name) ?? []), file.edges[at + 1]! + bases[index]!])
    }
    for (const [name, values] of stores) for (const value of values) holding.set(value, (holding.get(value) ?? new Map<string, number[]>()).set(name, loads.get(name) ?? []))
  }
  for (const { node } of externals) visit(node)
  for (let node = work.pop(); node !== undefined; node = work.pop()) {
    for (let at = forward.offsets[node]!; at < forward.offsets[node + 1]!; at += 3) {
      const kind = forward.targets[at + 1]
      if (kind === edgeKinds.copy || kind === edgeKinds.load || kind === edgeKinds.filter || kind === edgeKinds.guard) visit(forward.targets[at]!)
    }
    for (const result of results.get(node) ?? []) visit(result)
    for (const loads of holding.get(node)?.values() ?? []) for (const load of loads) visit(load)
  }
  return found
}

/**
 * What one handler puts into a request (`req.account = …`, `res.locals.x = …`, `ctx.state.x = …`) a later one reads there:
 * pairs of the value and where it is read.
 */
export function requestFields({ files, bases }: Program, shapesOf: (node: number) => readonly Shape[], bounds: Bounds): [number, number][] {
  const isRequest = (node: number, field: string) => shapesOf(node).some(({ api, members }) => (api === 'http.request' || api === 'request.locals') && !(members && Object.hasOwn(members, field)))
  const written = new Map<string, number[]>()
  for (const [index, { stores }] of files.entries()) for (const { base, field, value } of stores) if (field !== '*' && isRequest(base + bases[index]!, field)) written.set(field, [...(written.get(field) ?? []), value + bases[index]!])
  if (written.size === 0) return []
  return files.flatMap(({ edges, fields }, index) => {
    const read: [number, number][] = []
    for (let at = 0; at < edges.length; at += 4) {
      if (edges[at + 2] !== edgeKinds.load) continue
      const field = fields[edges[at + 3]!]!
      const values = written.get(field)
      if (values && isRequest(edges[at]! + bases[index]!, field)) {
        if (values.length > mostWriters) bounds.reach('writers', edges[at + 1]! + bases[index]!)
        for (const value of values.slice(0, mostWriters)) read.push([value, edges[at + 1]! + bases[index]!])
      }
    }
    return read
  })
}

/** `c.set('account', …)` in one handler of Hono, `c.get('account')` and `c.var.account` in another: pairs of the value and where it is read. */
export function contextVariables({ calls, constants, files, bases }: Program, shapesOf: (node: number) => readonly Shape[], bounds: Bounds): [number, number][] {
  const isContext = (node: number, api: string) => node >= 0 && shapesOf(node).some((shape) => shape.api === api)
  const written = new Map<string, number[]>()
  const read: [string, number][] = []
  for (const { name, receiver, args, result } of calls) {
    const key = name === 'set' || name === 'get' ? constants.get(args[0] ?? -1) : undefined
    if (typeof key !== 'string' || !isContext(receiver, 'hono.context')) continue
    if (name === 'get') read.push([key, result])
    else if (args[1] !== undefined) written.set(key, [...(written.get(key) ?? []), args[1]])
  }
  if (written.size === 0) return []
  for (const [index, { edges, fields }] of files.entries())
    for (let at = 0; at < edges.length; at += 4) if (edges[at + 2] === edgeKinds.load && written.has(fields[edges[at + 3]!]!) && isContext(edges[at]! + bases[index]!, 'hono.var')) read.push([fields[edges[at + 3]!]!, edges[at + 1]! + bases[index]!])
  return read.flatMap(([key, node]) => {
    const values = written.get(key) ?? []
    if (values.length > mostWriters) bounds.reach('writers', node)
    return values.slice(0, mostWriters).map((value): [number, number] => [value, node])
  })
}

/** Listeners of an event, by its name, are called by what emits it. */
export function linkEvents({ calls, constants }: Program, functionsAt: (node: number) => readonly number[], link: (call: number, target: number) => void, bounds: Bounds): void {
  const listeners = new Map<string, number[]>()
  for (const { name, args } of calls) {
    const event = args[0] === undefined ? undefined : constants.get(args[0])
    if (typeof event === 'string' && args.length >= 2 && /^(?:on|once|addListener|addEventListener|subscribe)$/.test(name)) listeners.set(event, [...(listeners.get(event) ?? []), ...functionsAt(args[1]!)])
  }
  for (const [index, { name, args }] of calls.entries()) {
    const event = args[0] === undefined ? undefined : constants.get(args[0])
    if (name === 'emit' && typeof event === 'string' && !['error', 'end', 'close', 'finish', 'data'].includes(event)) {
      const heard = listeners.get(event) ?? []
      if (heard.length > mostListeners) bounds.reach('listeners', index)
      for (const target of heard.slice(0, mostListeners)) link(index, target)
    }
  }
}
