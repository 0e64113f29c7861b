import { harmlessOfGroup } from '../flow/charset.ts'
import { all, type Kinds } from '../kinds.ts'
import type { Expression, Node } from './ast.ts'
import { Environment, layersOf, unknownPlace } from './environment.ts'
import { edgeKinds, type CallSite, type Constant, type EdgeKind, type FileBound, type FileProblem, type FunctionModel, type Guard, type GuardSummary, type Import, type KeyedAccess, type RegexLiteral, type Store } from './file-model.ts'
import type { Variable } from './scopes.ts'

export interface Span {
  readonly start: number
  readonly end: number
}

type Growing<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] }

/** The function whose body is being read. */
export interface FunctionScope {
  readonly index: number
  readonly ast: Node
  readonly model: Growing<FunctionModel>
  readonly outer: FunctionScope | undefined
  /** What held where the function was made, or where a declared one is used first; absent where that is not known. */
  readonly createdIn: Environment | undefined
  /** Where that is: offset in the text. */
  readonly createdAt: number
  env: Environment
  /** The variable of each parameter that is a plain name. */
  readonly params: readonly (Variable | undefined)[]
  /** Exits so far: a first one sets the guards, later ones only weaken them. */
  exits: { truthy: boolean; falsy: boolean; returned: boolean }
}

/** What a `break` or `continue` leaves: a loop, whose variables join at its head, or a switch or a block with a label, whose exits are gathered. */
export type BreakTarget = { readonly label?: string } & ({ readonly kind: 'loop'; readonly heads: ReadonlyMap<Variable, number> } | { readonly kind: 'switch' | 'block'; readonly base: Environment; readonly exits: Environment[] })

/** A value behind conditions: which value it was before, and what the conditions make harmless. */
export interface Filtered extends GuardSummary {
  readonly origin: number
}

/** A text made from another one before that was checked, and of which kinds the check speaks as well. */
export interface Extension {
  readonly node: number
  readonly kept: Kinds
}

/** Longer than any text that is read. Characters. */
const longestText = 2 ** 23

/** Collects the model of one file. */
export class Builder {
  readonly starts: number[] = []
  readonly ends: number[] = []
  readonly edges: number[] = []
  readonly fields: string[] = ['*']
  readonly calls: CallSite[] = []
  readonly functions: Growing<FunctionModel>[] = []
  readonly stores: Store[] = []
  readonly guards: Guard[] = []
  readonly imports: Import[] = []
  readonly globals = new Map<string, number>()
  readonly constants = new Map<number, Constant>()
  readonly prefixes: [number, string][] = []
  readonly regexes: RegexLiteral[] = []
  readonly keyed: KeyedAccess[] = []
  readonly comparisons: [number, number, number, number][] = []
  readonly annotations: [number, string][] = []
  readonly names: [number, string][] = []
  readonly developmentOnly: number[] = []
  readonly literals: number[] = []
  readonly problems: FileProblem[] = []
  readonly filtered = new Map<number, Filtered>()
  readonly regexOf = new Map<number, RegexLiteral>()
  /** Of what `exec` or `match` has found: the expression. */
  readonly foundBy = new Map<number, RegexLiteral>()
  /** Of the named groups of such a one. */
  private readonly groupsOf = new Map<number, RegexLiteral>()
  /** Arrays (and sets made from them) of constant texts. */
  readonly listOf = new Map<number, readonly string[]>()
  /** The constant texts of which a value is one: `a ? 'innerText' : 'textContent'`. */
  readonly eitherOf = new Map<number, readonly string[]>()
  /** The expressions of which a value is one. */
  readonly eitherRegex = new Map<number, readonly RegexLiteral[]>()
  /** What a text was tidied up from (`trim`, `toLowerCase`, `replace`), and its value then: what a check says of the one holds for the other. */
  readonly tidiedFrom = new Map<number, { readonly from: Expression; readonly value: number }>()
  /** What an address was parsed from: `new URL(text)`, `url.parse(text)`. */
  readonly parsedFrom = new Map<number, Expression>()
  readonly text: string
  /** Functions by the variable that a declaration or a single assignment binds them to. */
  readonly functionOf = new Map<Variable, FunctionModel>()
  readonly modelOf = new Map<number, FunctionModel>()
  /** What `Object.create(null)` gave: no name leads from there to a prototype. */
  readonly withoutPrototype = new Set<number>()
  /** Of which it is not in sight whether what follows from a condition holds: who decides that. */
  decider: Omit<Guard, 'harmless'> | undefined
  /** The answer of the call that is looked at was waited for. */
  isAwaited = false
  /** Of variables that are given the value of a condition: that condition, and what the variables in it were then. */
  readonly conditionOf = new Map<number, { readonly test: Expression; readonly variables: readonly (readonly [Variable, number])[] }>()
  /** Terms of the condition that is being looked at. */
  assumed = 0
  assumedInAll = 0
  /** Bounds that were reached: what lies behind them was not looked at. */
  readonly bounds = new Set<FileBound>()
  /** Kinds of which a condition may speak just now. */
  subject: Kinds = all
  /** Of object literals: what their field `get`, a function, gives back. */
  readonly getterOf = new Map<number, number>()
  /** Of values that are a path made of others: these others. */
  readonly pathParts = new Map<number, readonly number[]>()
  /** Of values: texts that begin with them and end with what the program wrote, or that are their beginning. */
  readonly extensions = new Map<number, readonly Extension[]>()
  readonly targets: BreakTarget[] = []
  /** The label of the loop that is read next. */
  label: string | undefined
  module = -1
  /** Names that the module declares or imports: a declared type may be a class among them. */
  topNames: ReadonlyMap<string, Variable> = new Map()
  /** Types of the program's own. */
  ownTypes: ReadonlySet<string> = new Set()
  /** The class that the class being read extends; -1 outside of one that does. */
  parentClass = -1
  exports = -1
  /** The component that the file exports, and the same while its options are read, for `this` in their functions. */
  component = -1
  optionsSelf = -1
  /** Its template is read: names that the script does not declare are fields of the component. */
  isTemplate = false
  fn!: FunctionScope
  /** Bodies of function declarations, read when everything around them is known. */
  readonly later: (() => void)[] = []
  /** The call that stands there, the last one of those that were read. */
  private readonly sites = new Map<number, number>()
  private readonly fieldIds = new Map<string, number>([['*', 0]])

  constructor(text: string) {
    this.text = text
  }

  /** A bound is reached. */
  cut(bound: FileBound): void {
    this.bounds.add(bound)
  }

  get env(): Environment {
    return this.fn.env
  }

  node({ start, end }: Span): number {
    this.starts.push(start)
    this.ends.push(end)
    return this.starts.length - 1
  }

  edge(from: number, to: number, kind: EdgeKind, data = 0): void {
    if (from !== to) this.edges.push(from, to, kind, data)
  }

  copy(from: number, to: number): void {
    this.edge(from, to, edgeKinds.copy)
  }

  field(name: string): number {
    let id = this.fieldIds.get(name)
    if (id === undefined) {
      id = this.fields.length
      this.fields.push(name)
      this.fieldIds.set(name, id)
    }
    return id
  }

  constant(at: Span, value: Constant): number {
    const node = this.node(at)
    this.constants.set(node, value)
    return node
  }

  load(base: number, name: string, at: Span): number {
    const known = this.env.place(`${base}.${name}`)
    if (known !== undefined) return known
    let node = this.node(at)
    this.edge(base, node, edgeKinds.load, this.field(name))
    const found = this.foundBy.get(base)
    if (found && name === 'groups') this.groupsOf.set(node, found)
    const group = found && /^[1-9]\d*$/.test(name) ? found : this.groupsOf.get(base)
    if (group) node = this.restricted(node, harmlessOfGroup(group.pattern, group.flags, name), at)
    if (name === 'stack' && this.env.isInDevelopment) this.developmentOnly.push(node)
    if (name !== '*') this.env.places.set(`${base}.${name}`, node)
    return node
  }

  /** The same value, of which something is known. */
  restricted(value: number, harmless: Kinds, at: Span): number {
    if (harmless === 0) return value
    const node = this.node(at)
    this.edge(value, node, edgeKinds.filter, harmless)
    return node
  }

  store(base: number, name: string, value: number, at: Span, isJsx = false): void {
    this.edge(value, base, edgeKinds.store, this.field(name))
    this.stores.push({ base, field: name, value, start: at.start, end: at.end, isJsx })
    if (name !== '*') this.env.places.set(`${base}.${name}`, value)
  }

  /** The node that stands for all values of a variable, for functions that may see any of them. */
  cell(variable: Variable, at: Span): number {
    if (variable.cell < 0) {
      variable.cell = this.node(at)
      this.names.push([variable.cell, variable.name])
    }
    return variable.cell
  }

  read(variable: Variable, at: Span): number {
    if (variable.owner === this.fn.ast) {
      const node = this.env.get(variable)
      if (node === undefined) return this.cell(variable, at)
      return variable.isSharedWrite && this.mayBeShared(variable) ? this.join([node, this.sharedCell(variable, at)], at) : node
    }
    // Of a variable that its owner gives no other value after a function was made, the function sees what it was there.
    let fn: FunctionScope | undefined = this.fn
    for (; fn && fn.ast !== variable.owner; fn = fn.outer) {
      const own = fn.env.get(variable)
      if (own !== undefined) return own
      const node = variable.definitions <= 1 || variable.lastWrite <= fn.createdAt ? fn.createdIn?.get(variable) : undefined
      if (node !== undefined) return variable.isSharedWrite ? this.join([node, this.sharedCell(variable, at)], at) : node
    }
    // A constant, an expression, a list that is given once is that also in functions that are declared.
    const only = variable.definitions <= 1 ? fn?.env.get(variable) : undefined
    if (only !== undefined && (this.regexOf.has(only) || this.eitherRegex.has(only) || this.constants.has(only) || this.listOf.has(only))) return only
    return this.cell(variable, at)
  }

  /** Whether a function within may have given it a value by now: not before there is one, unless this point is reached again. */
  private mayBeShared(variable: Variable): boolean {
    return variable.hasSharedWrite || this.fn.outer === undefined || this.targets.some(({ kind }) => kind === 'loop')
  }

  private sharedCell(variable: Variable, at: Span): number {
    if (variable.sharedCell < 0) variable.sharedCell = this.node(at)
    return variable.sharedCell
  }

  write(variable: Variable, value: number, at: Span): void {
    this.env.variables.set(variable, value)
    if (variable.isCaptured || variable.isSharedWrite) this.copy(value, this.cell(variable, at))
    if (!variable.isSharedWrite || variable.owner === this.fn.ast) return
    variable.hasSharedWrite = true
    this.copy(value, this.sharedCell(variable, at))
  }

  /** The value of a variable or place on from here, behind a condition. */
  refine(value: number, harmless: Kinds, at: Span, set: (node: number) => void): void {
    if ((harmless & this.subject) === 0) return
    harmless &= this.subject
    if (this.decider) return set(this.refineDecided(value, { ...this.decider, harmless }, at))
    const known = this.filtered.get(value)
    if (known && (known.harmless & harmless) === harmless) return
    const node = this.node(at)
    this.edge(value, node, edgeKinds.filter, harmless)
    this.filtered.set(node, { origin: known?.origin ?? value, harmless: (known?.harmless ?? 0) | harmless, guards: known?.guards ?? [] })
    set(node)
  }

  /** The same, where a function decides what the condition says. */
  refineDecided(value: number, guard: Guard, at: Span): number {
    const id = this.guards.push(guard) - 1
    const node = this.node(at)
    this.edge(value, node, edgeKinds.guard, id)
    const known = this.filtered.get(value)
    this.filtered.set(node, { origin: known?.origin ?? value, harmless: known?.harmless ?? 0, guards: [...(known?.guards ?? []), id].slice(-8) })
    return node
  }

  /** `node` begins as `from` does, or is its beginning. */
  extend(from: number, node: number, kept: Kinds): void {
    const origin = this.filtered.get(from)?.origin ?? from
    this.extensions.set(origin, [...(this.extensions.get(origin) ?? []), { node, kept }])
  }

  /** What `body` finds out holds only if `decider` says so. */
  decidedBy(decider: Omit<Guard, 'harmless'>, body: () => void): void {
    // Where two would have to agree nothing is taken for certain.
    if (this.decider || (decider.call < 0 && decider.unless === undefined)) return
    this.decider = decider
    body()
    this.decider = undefined
  }

  addCall(site: CallSite): void {
    this.sites.set(site.start * longestText + site.end, this.calls.push(site) - 1)
  }

  /** The call that stands there and was read just now; -1 where there is none. */
  siteOf({ start, end }: Span): number {
    return this.sites.get(start * longestText + end) ?? -1
  }

  /** Puts what `refined` makes of it in place of a value wherever a variable or a field is known to be it, checked before or not. */
  replace(value: number, refined: (current: number) => number | undefined): void {
    const isIt = (known: number | undefined): known is number => known !== undefined && (known === value || this.filtered.get(known)?.origin === value)
    const variables = new Map<Variable, number>()
    const places = new Map<string, number>()
    for (const layer of layersOf(this.env)) {
      if (layer.hasVariables) for (const [variable, known] of layer.variables) if (isIt(known) && this.env.get(variable) === known) variables.set(variable, known)
      if (layer.hasPlaces) for (const [place, known] of layer.places) if (isIt(known) && this.env.place(place) === known) places.set(place, known)
    }
    const made = new Map([...new Set([...variables.values(), ...places.values()])].map((known) => [known, refined(known) ?? known]))
    for (const [variable, known] of variables) this.env.variables.set(variable, made.get(known)!)
    for (const [place, known] of places) this.env.places.set(place, made.get(known)!)
  }

  join(nodes: readonly number[], at: Span): number {
    const first = nodes[0]!
    if (nodes.every((node) => node === first)) return first
    const node = this.node(at)
    let filtered: Filtered | undefined
    for (const [index, from] of nodes.entries()) {
      this.copy(from, node)
      const other = this.filtered.get(from) ?? { origin: from, harmless: 0, guards: [] }
      filtered = index === 0 ? other : filtered && filtered.origin === other.origin ? { origin: other.origin, ...weaker(filtered, other) } : undefined
    }
    if (filtered) this.filtered.set(node, filtered)
    return node
  }

  /** Runs `body` in a branch of its own and hands back what it changed. */
  branch(body: () => void): Environment {
    const before = this.fn.env
    const layer = new Environment(before)
    this.fn.env = layer
    body()
    this.fn.env = before
    layer.isDead ||= before.isDead
    return layer
  }

  /** After branches of which exactly one was taken. */
  merge(branches: readonly Environment[], at: Span): void {
    const alive = branches.filter(({ isDead }) => !isDead)
    if (alive.length === 0) {
      this.env.isDead = true
      return
    }
    const env = this.env
    const changed = new Set<Variable>()
    for (const branch of alive) if (branch.hasVariables) for (const variable of branch.variables.keys()) changed.add(variable)
    for (const variable of changed) {
      const before = env.get(variable)
      const nodes = alive.map((branch) => branch.variables.get(variable) ?? before ?? this.read(variable, at))
      env.variables.set(variable, this.join(nodes, at))
    }
    const places = new Set<string>()
    for (const branch of alive) if (branch.hasPlaces) for (const place of branch.places.keys()) places.add(place)
    for (const place of places) {
      const nodes = alive.map((branch) => branch.places.get(place) ?? env.place(place))
      env.places.set(place, nodes.every((node) => node !== undefined && node !== unknownPlace) ? this.join(nodes as number[], at) : unknownPlace)
    }
    if (alive.some(({ forgetsPlaces }) => forgetsPlaces)) env.forgetsPlaces = true
  }
}

/** What both say. */
export const weaker = (a: GuardSummary, b: GuardSummary): GuardSummary => ({ harmless: a.harmless & b.harmless, guards: a.guards.filter((guard) => b.guards.includes(guard)) })
