import { edgeKinds } from '../model/file-model.ts'
import { libraries } from '../models/libraries.ts'
import type { CallModel, Checks, Segments, Shape } from '../models/shape.ts'
import { checkedShape, shapeNamed } from './outside.ts'
import { fileOf, type Program, type ProgramCall } from './program.ts'
import { Routers } from './routers.ts'
import { both, join, noSegments } from './segments.ts'

/** What has to be known of values to say what a middleware validates. */
export interface Known {
  readonly program: Program
  readonly targets: readonly (readonly number[])[]
  readonly models: readonly (readonly CallModel[])[]
  readonly apis: readonly (readonly string[])[]
  readonly functionsBelow: (node: number) => readonly (readonly [number, number])[]
  readonly shapesOf: (node: number) => readonly Shape[]
  /** Shapes that a value is, or holds. */
  readonly shapesBelow: (node: number) => readonly Shape[]
  /** What a schema says of what it has checked, with the names of the fields that lead there. */
  readonly checksAt: (node: number) => Checks
}

const segmentOf = (name: string): string | undefined => ({ body: 'body', query: 'query', querystring: 'query', params: 'params', param: 'params', headers: 'headers', header: 'headers', payload: 'payload', input: 'input' })[name.toLowerCase()]
const text = shapeNamed('schema.text')!.checked as Shape
const exact = shapeNamed('schema.exact')!.checked as Shape

/**
 * What a request holds once a validator has let it pass, by what that validates and not by its name: chains of express-validator, schemas
 * that celebrate and its like are given, functions of the program that hand a part of the request to a schema, schemas among the
 * options of a route.
 */
export class Validation {
  private readonly known: Known
  /** Calls that check something by a schema, by the functions that they stand in. */
  private readonly checking = new Map<number, number[]>()
  /** Only of programs that have handlers, and these are small beside all that is kept of one. */
  private lists: { readonly stores: ReadonlyMap<number, readonly [field: string, value: number][]>; readonly literals: ReadonlySet<number>; readonly parameters: ReadonlyMap<number, { readonly fn: number; readonly position: number }>; readonly made: ReadonlyMap<number, ProgramCall>; readonly routes: ReadonlyMap<number, number> } | undefined

  /** Calls whose answer is asked. */
  private readonly asked: ReadonlySet<number>

  constructor(known: Known) {
    this.known = known
    const { calls, functions, guards } = known.program
    this.asked = new Set(guards.flatMap(({ call, holds }) => (holds === 'returned' ? [] : call)))
    for (const [index, list] of known.models.entries()) if (list.some(({ checks, judges }) => checks ?? judges !== undefined) || known.apis[index]!.includes('ajv.validate')) for (let fn = calls[index]!.within; fn >= 0; fn = functions[fn]!.outer) push(this.checking, fn, index)
  }

  /** Functions that a JSON schema was compiled to: with what it says of what they are handed. */
  compiled(): [node: number, shape: Shape][] {
    return this.known.program.calls.flatMap(({ args, result }, index): [number, Shape][] => (args[0] !== undefined && this.known.apis[index]!.includes('ajv.compile') ? [[result, { call: { judges: args[0] } }]] : []))
  }

  /** Values that validate as a middleware does, wherever they are handed on to. */
  validators(): [node: number, shape: Shape][] {
    const { program, targets, models, checksAt, functionsBelow } = this.known
    if (!models.some((list) => list.some(({ validated }) => validated !== undefined))) return []
    const found = this.chains()
    const factories = new Set([...this.checking.keys()].map((fn) => program.functions[fn]!.outer))
    for (const [index, call] of program.calls.entries()) {
      if (targets[index]!.length === 0) {
        if (!/valid|celebrate|schema|sanitiz/i.test(call.name)) continue
        const own = segmentOf(call.name)
        const segments = join(call.args.map((argument) => bySegment(checksAt(argument), own ?? 'body')))
        if (segments.size > 0) found.push([call.result, { validates: segments }])
      } else
        for (const target of targets[index]!.filter((one) => factories.has(one)))
          for (const [made, path] of functionsBelow(program.functions[target]!.returns)) {
            if (path !== 0 || made === target || !this.checking.has(made)) continue
            const segments = this.ownChecks(made, { call, factory: target })
            if (segments.size > 0) found.push([call.result, { validates: segments }])
          }
    }
    return found
  }

  /** Handlers behind such a validator, or with schemas among their options, and what their first parameter is then. */
  handlers(): [fn: number, shape: Shape][] {
    const { program, models, functionsBelow } = this.known
    const found = new Map<number, { readonly layout: Shape; segments: Segments }>()
    const routers = new Routers(program, this.known.shapesOf, (call) => join(call.args.map((argument) => this.ofMiddleware(argument))))
    for (const [index, list] of models.entries()) {
      const layout = list.flatMap(({ validated }) => (validated === undefined ? [] : (libraries.types.get(validated) ?? [])))[0]
      if (!layout) continue
      const { args } = program.calls[index]!
      let segments = join([...args.map((argument) => this.ofOptions(argument)), this.ofInputs(program.calls[index]!), routers.before(index)])
      for (const argument of args) {
        const functions = functionsBelow(argument)
        for (const [fn, path] of functions) {
          if (program.functions[fn]!.params.length === 0) continue
          const route = path === 0 ? undefined : this.listed().routes.get(fn)
          const own = route === undefined ? segments : join([segments, this.ofOptions(route)])
          const before = found.get(fn)
          // What several routes lead to is checked as far as each of them checks it.
          if (before) before.segments = both(before.segments, own)
          else found.set(fn, { layout, segments: own })
        }
        segments = join([segments, this.ofMiddleware(argument)])
      }
    }
    return [...found].flatMap(([fn, { layout, segments }]): [number, Shape][] => {
      const shape = laidOut(layout, segments)
      return shape ? [[fn, shape]] : []
    })
  }

  private ofMiddleware(node: number): Segments {
    return join([...this.known.shapesBelow(node).flatMap(({ validates }) => validates ?? []), ...this.known.functionsBelow(node).map(([fn]) => this.ownChecks(fn))])
  }

  /** `body('age').isInt()`: what it says of that field counts where the program asks for the result. */
  private chains(): [number, Shape][] {
    const { program, shapesBelow } = this.known
    const { calls, constants } = program
    const isChain = (node: number) => node >= 0 && shapesBelow(node).some(({ api }) => api === 'request.validation')
    const chained = calls.filter(({ result, name }) => name !== '' && isChain(result))
    if (chained.length === 0 || !calls.some(({ name }) => name === 'validationResult')) return []
    const onward = new Map<number, ProgramCall[]>()
    for (const call of chained) push(onward, call.receiver, call)
    const found: [number, Shape][] = []
    const follow = (node: number, segments: readonly string[], path: readonly string[], asked: readonly string[]) => {
      const shape = asked.some((name) => exactTests.has(name)) ? exact : asked.some((name) => textTests.has(name)) ? text : undefined
      if (shape) found.push([node, { validates: new Map(segments.map((segment) => [segment, [[path, shape]]])) }])
      for (const { result, name } of onward.get(node) ?? []) follow(result, segments, path, [...asked, name])
    }
    for (const { result, receiver, name, args } of chained) {
      if (isChain(receiver)) continue
      const field = constants.get(args[0] ?? -1)
      const own = segmentOf(name)
      if (typeof field === 'string') follow(result, own ? [own] : ['body', 'query', 'params'], field.split('.'), [])
      else if (name === 'checkSchema')
        for (const [path, value] of this.fieldsOf(args[0] ?? -1)) follow(result, ['body', 'query', 'params'], path.split('.'), this.fieldsOf(value).map(([test]) => test))
    }
    return found
  }

  /** Options of a route, `{ schema: { body } }` and the like. */
  private ofOptions(node: number): Segments {
    return join(
      this.fieldsOf(node).map(([field, value]) => {
        if (field === 'options' || field === 'config') return this.ofOptions(value)
        if (field === 'schema' || field === 'validate') return join(this.fieldsOf(value).map(([name, schema]) => this.ofSchema(name, schema)))
        const checks = this.known.checksAt(value)
        return segmentOf(field) && checks.length > 0 ? new Map([[segmentOf(field)!, checks]]) : noSegments
      }),
    )
  }

  /** `procedure.input(schema).query(…)`: what further up in the chain says of the input. */
  private ofInputs({ receiver }: ProgramCall): Segments {
    const found: Segments[] = []
    for (let call = this.listed().made.get(receiver); call && found.length < 20; call = this.listed().made.get(call.receiver)) found.push(call.name === 'input' ? new Map([['input', this.known.checksAt(call.args[0] ?? -1)]]) : noSegments)
    return join(found)
  }

  private ofSchema(name: string, schema: number): Segments {
    const segment = segmentOf(name)
    if (segment === undefined) return noSegments
    const checks = this.known.checksAt(schema)
    if (checks.length > 0) return new Map([[segment, checks]])
    // A schema that does not stand here is taken for one that says what everything is.
    return new Map([[segment, this.fieldsOf(schema).length === 0 ? [[[], text]] : this.ofJsonSchema(schema, [], 0)]])
  }

  private ofJsonSchema(node: number, path: readonly string[], depth: number): Checks {
    const fields = new Map(this.fieldsOf(node))
    const constant = (field: string) => this.known.program.constants.get(fields.get(field) ?? -1)
    const type = constant('type')
    const format = constant('format')
    if (type === 'number' || type === 'integer' || type === 'boolean' || fields.has('enum') || fields.has('const') || fields.has('pattern') || (format !== undefined && format !== 'uri' && format !== 'email')) return [[path, exact]]
    if (type === 'string') return [[path, text]]
    if (depth > 4) return []
    const inner = fields.has('items') ? this.ofJsonSchema(fields.get('items')!, [...path, '*'], depth + 1) : this.fieldsOf(fields.get('properties') ?? -1).flatMap(([name, value]) => this.ofJsonSchema(value, [...path, name], depth + 1))
    return constant('additionalProperties') === false ? [[path, text], ...inner] : inner
  }

  /** What a function of the program hands of its request to schemas; made by `factory`, these may be what that was given. */
  private ownChecks(fn: number, made?: { readonly call: ProgramCall; readonly factory: number }): Segments {
    const { program, models } = this.known
    const { functions, calls } = program
    const [request] = functions[fn]!.params
    if (request === undefined) return noSegments
    return join(
      (this.checking.get(fn) ?? []).map((index) => {
        const call = calls[index]!
        const judged = models[index]!.find(({ judges }) => judges !== undefined)?.judges
        const isJson = judged !== undefined || this.known.apis[index]!.includes('ajv.validate')
        const at = isJson ? 0 : models[index]!.find(({ checks }) => checks)!.checks!.schema
        const schema = judged ?? (at < 0 ? call.receiver : call.args[at])
        const value = call.args[at === 0 && judged === undefined ? 1 : 0]
        if (schema === undefined || value === undefined || !this.isAsked(call, isJson ? index : undefined)) return noSegments
        const checksAt = (node: number) => (isJson ? this.ofJsonSchema(node, [], 0) : this.known.checksAt(node))
        const given = this.parameter(schema)
        const argument = given && made && given.fn === made.factory ? made.call.args[given.position] : undefined
        if (given && argument === undefined) return noSegments
        const checks = argument === undefined ? checksAt(schema) : checksAt(argument).flatMap(([path, shape]): Checks => (given!.field === undefined ? [[path, shape]] : path[0] === given!.field ? [[path.slice(1), shape]] : []))
        const read = this.readOf(request, value, made)
        if (read !== undefined) {
          // What the schema has left out is still there, unless its result takes the place of what it was given.
          const isWhole = isJson || /^(?:validate|attempt)/.test(call.name) || this.isPutBack(request, read, call)
          return new Map([[read, isWhole ? checks : checks.filter(([path]) => path.length > 0)]])
        }
        const parts = new Set(this.fieldsOf(value).flatMap(([field, part]) => (this.readOf(request, part, made) === segmentOf(field) ? [field] : [])))
        return bySegment(checks.filter(([path]) => path.length > 1 && parts.has(path[0]!)), undefined)
      }),
    )
  }

  /** What does not throw says what it found to whoever asks; a call that says yes or no (`answer`) is asked in a condition. */
  private isAsked({ name, result }: ProgramCall, answer: number | undefined): boolean {
    if (answer !== undefined) return this.asked.has(answer)
    const { offsets } = this.known.program.forward
    return !/^(?:validate|safeParse\w*|spa|try)$/.test(name) || offsets[result + 1]! > offsets[result]!
  }

  /** Which part of the request a value is. */
  private readOf(request: number, value: number, made?: { readonly call: ProgramCall; readonly factory: number }): string | undefined {
    const { fields, files, constants, bases } = this.known.program
    for (const { from, kind, data, to } of this.comesFrom(value)) {
      if (kind !== edgeKinds.load || !this.isRequest(from, request)) continue
      if (data !== 0) return segmentOf(fields[data]!)
      // `req[part]`, of which whoever made the function has said which part.
      const index = fileOf(this.known.program, to)
      const key = files[index]!.keyed.find(({ value: read }) => read === to - bases[index]!)?.key
      const given = key === undefined ? undefined : this.parameter(key + bases[index]!)
      const name = given && given.fn === made?.factory ? constants.get(made.call.args[given.position] ?? -1) : undefined
      return typeof name === 'string' ? segmentOf(name) : undefined
    }
    return undefined
  }

  /** `req`, or the `ctx.request` of a context. */
  private isRequest(node: number, request: number): boolean {
    return this.isSame(node, request) || this.comesFrom(node).some(({ from, kind, data }) => kind === edgeKinds.load && this.known.program.fields[data] === 'request' && this.isSame(from, request))
  }

  private isPutBack(request: number, segment: string, { result }: ProgramCall): boolean {
    const { files, bases } = this.known.program
    const index = fileOf(this.known.program, result)
    const base = bases[index]!
    return files[index]!.stores.some((store) => segmentOf(store.field) === segment && this.isRequest(store.base + base, request) && (this.isSame(store.value + base, result) || this.comesFrom(store.value + base).some(({ from }) => this.isSame(from, result))))
  }

  /** The parameter that a value is, or a field of which it is. */
  private parameter(node: number): { readonly fn: number; readonly position: number; readonly field?: string } | undefined {
    const { parameters } = this.listed()
    const own = parameters.get(node)
    if (own) return own
    for (const { from, kind, data } of this.comesFrom(node)) {
      const found = parameters.get(from)
      if (found) return kind === edgeKinds.load ? { ...found, field: this.known.program.fields[data]! } : found
    }
    return undefined
  }

  private listed(): NonNullable<typeof this.lists> {
    if (this.lists) return this.lists
    const { files, bases, functions, calls } = this.known.program
    const literals = new Set<number>()
    const stores = new Map<number, [string, number][]>()
    /** Of a handler the object that says of its route what it validates. */
    const routes = new Map<number, number>()
    const parameters = new Map(functions.flatMap(({ params }, fn) => params.map((node, position) => [node, { fn, position }] as const)))
    for (const [index, file] of files.entries()) {
      const base = bases[index]!
      for (const node of file.literals) literals.add(node + base)
      for (const { base: object, field, value } of file.stores) {
        if (!literals.has(object + base)) continue
        push(stores, object + base, [field, value + base])
        if (field === 'handler') for (const [fn, path] of this.known.functionsBelow(value + base)) if (path === 0) routes.set(fn, object + base)
      }
    }
    return (this.lists = { stores, literals, parameters, routes, made: new Map(calls.map((call) => [call.result, call])) })
  }

  /** The edges that lead to a value, through copies. */
  private comesFrom(node: number): { readonly from: number; readonly to: number; readonly kind: number; readonly data: number }[] {
    const { offsets, targets } = this.known.program.backward
    const found: { from: number; to: number; kind: number; data: number }[] = []
    const seen = new Set([node])
    for (const to of seen) {
      if (seen.size > 30) break
      for (let at = offsets[to]!; at < offsets[to + 1]!; at += 3) {
        const [from, kind, data] = [targets[at]!, targets[at + 1]!, targets[at + 2]!]
        found.push({ from, to, kind, data })
        if (kind !== edgeKinds.load) seen.add(from)
      }
    }
    return found
  }

  private isSame(node: number, other: number): boolean {
    return node === other || this.comesFrom(node).some(({ from, kind }) => kind !== edgeKinds.load && from === other)
  }

  /** The fields of an object literal, also where it was given a name. */
  private fieldsOf(node: number): readonly [field: string, value: number][] {
    const { literals, stores } = this.listed()
    if (literals.has(node)) return stores.get(node) ?? []
    const literal = this.comesFrom(node).find(({ from, kind }) => kind !== edgeKinds.load && literals.has(from))
    return literal ? (stores.get(literal.from) ?? []) : []
  }
}

const exactTests = new Set('isInt isFloat isDecimal isNumeric isBoolean isUUID isMongoId isAlpha isAlphanumeric isHexadecimal isHexColor isIP isDate isISO8601 isIn isPort isULID isHash matches toInt toFloat toBoolean toDate'.split(' '))
/** Others look at what an object says of itself as text, and let that object pass. */
const textTests = new Set('isString isEmail isURL isMobilePhone isStrongPassword isJWT isSlug isFQDN trim ltrim rtrim escape normalizeEmail stripLow whitelist blacklist toLowerCase toUpperCase'.split(' '))

/** What a schema says whose fields are the parts of a request; of one whose fields are not, what it says is about `otherwise`. */
function bySegment(checks: Checks, otherwise: string | undefined): Segments {
  const found = new Map<string, [readonly string[], Shape][]>()
  const hasParts = checks.some(([[first]]) => first === '*' || (first !== undefined && segmentOf(first) !== undefined))
  for (const [path, shape] of checks) {
    const [first] = path
    if (!hasParts) {
      if (otherwise !== undefined) push(found, otherwise, [path, shape])
    } else if (first !== undefined) for (const segment of first === '*' ? ['body', 'query', 'params'] : [segmentOf(first)]) if (segment !== undefined) push(found, segment, [path.slice(1), shape])
  }
  return found
}

/** The parts of a request where its framework keeps them. */
function laidOut(layout: Shape, segments: Segments): Shape | undefined {
  const members: Record<string, Shape> = {}
  for (const [name, member] of Object.entries(layout.members ?? {})) {
    const checks = segments.get(segmentOf(name) ?? '') ?? (name === 'payload' ? segments.get('body') : undefined)
    // `c.req.valid('json')` gives what was checked, of whichever part.
    const shape = typeof member === 'object' && member.call ? calledFor(segments) : checks ? checkedShape(checks) : typeof member === 'object' && member.members ? laidOut(member, segments) : undefined
    if (shape) members[name] = shape
  }
  return Object.keys(members).length > 0 ? { members } : undefined
}

function calledFor(segments: Segments): Shape | undefined {
  const checked = checkedShape([...segments.values()].flat())
  return checked && { call: { returns: checked } }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
