import { harmlessOf, kindsOf, type Kinds } from '../kinds.ts'
import { instanceField } from '../model/declared-types.ts'
import { edgeKinds, type EdgeKind } from '../model/file-model.ts'
import { genericMethod } from '../models/generic.ts'
import type { CallModel, Checks, Shape, Source } from '../models/shape.ts'
import { eachHandover } from './handovers.ts'
import { isGetter, isMeant, isStandIn } from './call-models.ts'
import type { Bounds } from './bounds.ts'
import { entryFunctions, linkEvents, linkLoneMethods, requestFields } from './implicit-calls.ts'
import { giveToHandlers } from './names.ts'
import { checkedShape, isBelow, memberOf, seed, shapeNamed } from './outside.ts'
import { CallsAt } from './calls-at.ts'
import { Links } from './pairs.ts'
import { elementField, type Paths } from './paths.ts'
import type { Program } from './program.ts'
import { Validation } from './validation.ts'
import { routerShapes } from './routers.ts'
import { linkTemplates } from './templates.ts'
import { ValueFacts } from './value-facts.ts'

/** Which functions are called where, and which values come from outside and what is known of them. */
export interface Values {
  /** Per call: the functions that it may call. */
  readonly targets: readonly (readonly number[])[]
  /** Per call: what models say of it. */
  readonly models: readonly (readonly CallModel[])[]
  /** Per call: the names under which rules know what it calls. */
  readonly apis: readonly (readonly string[])[]
  readonly shapesOf: (node: number) => readonly Shape[]
  /** The functions that a value may be, or that a field path below it may hold. */
  readonly functionsAt: (node: number, depth: number) => readonly number[]
  /** Where untrusted input or a secret comes in. */
  readonly origins: ReadonlyMap<number, Source>
  /** Values that models or schemas know to be harmless, and for what. */
  readonly harmless: ReadonlyMap<number, Kinds>
  /** Flows that models add, four numbers each as in a file model. */
  readonly flows: readonly number[]
  /** Flows that were found with the calls, by the node that they leave and (of copies and loads) by the one that they reach. */
  readonly linked: Links
  readonly linkedBack: Links
}

const mostFactsAtNode = 128
/** Facts that there are of a node, mostly: so much room is made at once. */
const factsANode = 4
const mostFacts = 30_000_000
/** Functions that one call may mean. */
const mostTargets = 12
/**
 * Follows functions and models of outside values from where they are made to where they are called, along all edges and
 * into fields (0-CFA with access paths of three fields).
 */
export function resolveValues(program: Program, paths: Paths, bounds: Bounds): Values {
  const { forward, backward, functions, calls, fieldId } = program
  const shapes: Shape[] = []
  const shapeIds = new Map<Shape, number>()
  const facts = new ValueFacts(program.nodeCount, factsANode * program.nodeCount)
  const extra = new Links(program.nodeCount)
  const extraBack = new Links(program.nodeCount)
  const flows: number[] = []
  const targets: number[][] = calls.map(() => [])
  const models: CallModel[][] = calls.map(() => [])
  const apis: string[][] = calls.map(() => [])
  const uses = new CallsAt(calls, program.nodeCount)
  const instanceId = fieldId(instanceField) ?? -1
  const propsId = fieldId('props') ?? -1
  const elementsId = fieldId(elementField)!
  const prototypeId = fieldId('prototype') ?? -1
  const origins = new Map<number, Source>()
  const harmless = new Map<number, Kinds>()
  const isInstance = new Uint8Array(program.nodeCount)
  for (const { name, instance } of functions) if (instance >= 0 && /^[A-Z]/.test(name)) isInstance[instance] = 1

  const valueOfFunction = (fn: number) => fn * 3
  const valueOfShape = (shape: Shape) => {
    let id = shapeIds.get(shape)
    if (id === undefined) {
      id = shapes.push(shape) - 1
      shapeIds.set(shape, id)
    }
    return id * 3 + 1
  }
  const valueOfResolver = (call: number) => call * 3 + 2

  const add = (node: number, value: number, path: number, isMutation: boolean): void => {
    if (path >= 0 && node >= 0) addTerm(node, facts.terms.add(value, path), isMutation)
  }

  const addTerm = (node: number, term: number, isMutation: boolean): void => {
    const isFull = facts.count >= mostFacts
    const noted = facts.note(node, term, isMutation, isFull ? 0 : mostFactsAtNode)
    if (noted === 'known') return
    if (noted === 'cut') return bounds.reach(isFull ? 'facts' : 'functions', node)
    if (isInstance[node] === 0) return
    const value = facts.terms.first(term)
    const path = facts.terms.second(term)
    if (value % 3 === 0 && path !== 0) ownMethod(node, value / 3, path)
  }

  /** What is put into a prototype, or into `this` by a constructor: when it is called its `this` is such an instance. */
  const ownMethod = (instance: number, fn: number, path: number) => {
    const { self, isBound } = functions[fn]!
    if (isBound || self < 0 || self === instance || paths.rest(path, paths.head(path)) !== 0) return
    flow(instance, self, edgeKinds.copy)
  }

  const addShape = (node: number, shape: Shape) => {
    if (node < 0) return
    if (shape.source && !origins.has(node)) origins.set(node, shape.source)
    if (shape.harmless) harmless.set(node, (harmless.get(node) ?? 0) | harmlessOf(shape.harmless))
    add(node, valueOfShape(shape), 0, false)
  }

  /** The same of the name of a shape, where there is such a thing. */
  const give = (node: number | undefined, named: Shape | string | undefined) => {
    const shape = named === undefined || node === undefined ? undefined : shapeNamed(named)
    if (shape) addShape(node!, shape)
  }

  const through = (to: number, kind: number, data: number, term: number): void => {
    if (kind === edgeKinds.derive || kind === edgeKinds.key) return
    if (kind !== edgeKinds.load && kind !== edgeKinds.store) return addTerm(to, term, false)
    const value = facts.terms.first(term)
    const path = facts.terms.second(term)
    switch (kind) {
      case edgeKinds.load:
        if (path !== 0) {
          const rest = paths.rest(path, data)
          const declared = rest === 0 && value % 3 === 1 ? shapes[(value - 1) / 3]! : undefined
          if (declared?.isDeclared) addShape(to, declared)
          return add(to, value, rest, false)
        }
        if (value % 3 === 1) {
          const outside = shapes[(value - 1) / 3]!
          const made = data === instanceId ? (outside.construct ?? outside.call)?.returns : undefined
          const shape = made === undefined ? memberOf(outside, program.fields[data]!) : shapeNamed(made)
          if (shape) addShape(to, shape)
        } else if (value % 3 === 0 && (data === instanceId || data === prototypeId)) {
          const { instance } = functions[value / 3]!
          if (instance >= 0) connect(instance, to, edgeKinds.copy, 0)
        }
        return
      case edgeKinds.store:
        return add(to, value, paths.join(data, path), true)
    }
  }

  /** A flow that is found on the way: existing facts pass it at once. */
  const connect = (from: number, to: number, kind: EdgeKind, data: number): void => {
    if (from < 0 || to < 0 || from === to) return
    if (!extra.add(from, to, kind, data)) return
    if (kind === edgeKinds.copy || kind === edgeKinds.load) extraBack.add(to, from, kind, data)
    // Those that are there now: what comes by this very edge goes its own way.
    const last = facts.last[from]!
    for (let fact = facts.first[from]!; fact >= 0; fact = fact === last ? -1 : facts.next[fact]!) through(to, kind, data, facts.termOf(fact))
    for (const fact of facts.at(to).filter((one) => facts.mutations[one] === 1)) back(from, kind, data, facts.termOf(fact))
  }

  const flow = (from: number, to: number, kind: EdgeKind, data = 0) => {
    if (from < 0 || to < 0 || from === to) return
    flows.push(from, to, kind, data)
    connect(from, to, kind, data)
  }

  /** What was put into a value is in it wherever else that value is known. */
  const back = (from: number, kind: number, data: number, term: number): void => {
    if (kind === edgeKinds.load) add(from, facts.terms.first(term), paths.join(data, facts.terms.second(term)), true)
    else addTerm(from, term, true)
  }

  const link = (index: number, target: number): void => {
    if (targets[index]!.includes(target)) return
    if (targets[index]!.length >= mostTargets) return bounds.reach('targets', index)
    targets[index]!.push(target)
    const call = calls[index]!
    const fn = functions[target]!
    eachHandover(program, index, target, (argument, to, kind, data) => connect(argument, to, kind, data))
    if (!fn.isBound && fn.self >= 0 && call.receiver >= 0) connect(call.receiver, fn.self, edgeKinds.copy, 0)
    // A class that is called without `new`: an element of a component.
    if (propsId >= 0 && call.kind === 'call' && fn.isBound && fn.instance >= 0 && fn.instance === fn.self && call.args[0] !== undefined) flow(call.args[0], fn.instance, edgeKinds.store, propsId)
    if (call.kind === 'new' || call.kind === 'super') {
      if (call.kind === 'new' && fn.instance >= 0) flow(fn.instance, call.result, edgeKinds.copy)
      if (call.kind === 'new') connect(fn.returns, call.result, edgeKinds.copy, 0)
    } else connect(fn.returns, call.result, edgeKinds.copy, 0)
  }

  const applyModel = (index: number, model: CallModel): void => {
    if (models[index]!.includes(model)) return
    models[index]!.push(model)
    const call = calls[index]!
    const returns = model.getter && isGetter(model.getter, call.args.length, program.constants.get(call.args[0] ?? -1)) ? model.getter.returns : model.returns
    give(call.result, returns)
    const argument = (position: number) => (position === -1 ? call.receiver : (call.args[position] ?? -1))
    const without = harmlessOf(model.harmless)
    for (const position of model.copies ?? []) flow(argument(position), call.result, without === 0 ? edgeKinds.copy : edgeKinds.filter, without)
    if (model.checks) {
      const { schema, field } = model.checks
      const checked = argument(schema < 0 ? 0 : schema === 0 ? 1 : 0)
      const id = field === undefined ? -1 : (fieldId(field) ?? -2)
      if (id === -1) flow(checked, call.result, edgeKinds.copy)
      else if (id >= 0) flow(checked, call.result, edgeKinds.store, id)
    }
    for (const position of model.collects ?? []) flow(argument(position), call.receiver, edgeKinds.store, elementsId)
    if (model.instantiates !== undefined) flow(argument(model.instantiates), call.result, edgeKinds.load, instanceId)
    if (model.element) flow(call.receiver, call.result, edgeKinds.load, 0)
    if (model.merges !== undefined) {
      const target = argument(model.merges)
      for (const [position, from] of call.args.entries()) if (position !== model.merges) flow(from, target, edgeKinds.spread)
      flow(target, call.result, edgeKinds.copy)
    }
    if (model.callbacks) for (const [position, from] of call.args.entries()) for (const [target, path] of functionsBelow(from)) invoke(index, model, position, target, path)
  }

  /** A function that an outside one calls. */
  const invoke = (index: number, model: CallModel, position: number, target: number, path: number): void => {
    const call = calls[index]!
    const fn = functions[target]!
    for (const callback of model.callbacks ?? []) {
      if (!isMeant(callback, position, call.args.length) || !isBelow(callback.field, paths.names(path, program.fields))) continue
      for (const [at, given] of (callback.params ?? []).entries()) give(fn.params[at], given)
      for (const param of fn.params.slice(callback.params?.length ?? 0)) give(param, callback.others)
      if (!fn.isBound) give(fn.self, callback.self)
      if (callback.selfIs !== undefined && !fn.isBound) flow(call.args[callback.selfIs] ?? -1, fn.self, edgeKinds.copy)
      for (const [at, given] of (callback.each ?? []).entries()) {
        if (given?.elements !== undefined) flow(call.args[given.elements] ?? -1, fn.params[at] ?? -1, edgeKinds.load, 0)
        if (given?.names !== undefined) flow(call.args[given.names] ?? -1, fn.params[at] ?? -1, edgeKinds.derive, kindsOf('record', 'prototype', 'nosql'))
      }
      const [first, second] = fn.params
      if (first !== undefined && callback.receives !== undefined) {
        if (callback.receives === 'elements') {
          flow(call.receiver, first, edgeKinds.load, 0)
          if (call.name === 'reduce' || call.name === 'reduceRight') {
            if (second !== undefined) flow(call.receiver, second, edgeKinds.load, 0)
            if (call.args[1] !== undefined) flow(call.args[1], first, edgeKinds.copy)
            flow(fn.returns, first, edgeKinds.copy)
          }
        } else flow(callback.receives === 'this' ? call.receiver : (call.args[callback.receives] ?? -1), first, edgeKinds.copy)
      }
      if (callback.gives === 'result') flow(fn.returns, call.result, edgeKinds.copy)
      if (callback.gives === 'elements') flow(fn.returns, call.result, edgeKinds.store, elementsId)
    }
  }

  /** The functions that a value is or holds, and the path to each. */
  const functionsBelow = (node: number): readonly (readonly [number, number])[] => {
    const found: [number, number][] = []
    for (let fact = facts.first[node] ?? -1; fact >= 0; fact = facts.next[fact]!) if (facts.valueAt(fact) % 3 === 0) found.push([facts.valueAt(fact) / 3, facts.pathAt(fact)])
    return found
  }

  const shapesOf = (node: number): readonly Shape[] => {
    let found: Shape[] | undefined
    for (let fact = facts.first[node] ?? -1; fact >= 0; fact = facts.next[fact]!) if (facts.pathAt(fact) === 0 && facts.valueAt(fact) % 3 === 1) (found ??= []).push(shapes[(facts.valueAt(fact) - 1) / 3]!)
    return found ?? nothing
  }

  const shapesBelow = (node: number): readonly Shape[] => facts.at(node).flatMap((fact) => (facts.valueAt(fact) % 3 === 1 ? shapes[(facts.valueAt(fact) - 1) / 3]! : []))

  const functionsAt = (node: number): readonly number[] => {
    let found: number[] | undefined
    for (let fact = facts.first[node] ?? -1; fact >= 0; fact = facts.next[fact]!) if (facts.pathAt(fact) === 0 && facts.valueAt(fact) % 3 === 0) (found ??= []).push(facts.valueAt(fact) / 3)
    return found ?? nothing
  }

  /** A value arrived where it is called or handed over. */
  const arrived = (node: number, value: number, path: number): void => {
    const type = value % 3
    if (path !== 0) {
      if (type === 0) handedOver(node, value / 3, path)
      return
    }
    for (let at = uses.calleeOffsets[node]!, end = uses.calleeOffsets[node + 1]!; at < end; at += 1) {
      const index = uses.callees[at]!
      const call = calls[index]!
      if (type === 0) link(index, value / 3)
      else if (type === 2) flow(call.args[0] ?? -1, calls[(value - 2) / 3]!.result, edgeKinds.copy)
      else {
        const shape = shapes[(value - 1) / 3]!
        if (shape.api && !apis[index]!.includes(shape.api)) apis[index]!.push(shape.api)
        const model = call.kind === 'new' ? (shape.construct ?? shape.call) : shape.call
        if (model) applyModel(index, model)
        if (shape.api === 'Promise' && call.kind === 'new') for (const target of functionsAt(call.args[0] ?? -1)) resolver(index, target)
      }
    }
    if (type === 0) handedOver(node, value / 3, 0)
  }

  const handedOver = (node: number, target: number, path: number): void => {
    for (let at = uses.argumentOffsets[node]!, end = uses.argumentOffsets[node + 1]!; at < end; at += 2) {
      const index = uses.arguments[at]!
      for (const model of models[index]!) if (model.callbacks) invoke(index, model, uses.arguments[at + 1]!, target, path)
      if (path === 0 && apis[index]!.includes('Promise') && calls[index]!.kind === 'new') resolver(index, target)
    }
  }

  /** What a schema says of what it has checked, with the names of the fields that lead there. */
  const checksAt = (schema: number): Checks =>
    facts.at(schema).flatMap((fact): Checks => {
      const value = facts.valueAt(fact)
      const checked = value % 3 === 1 ? shapes[(value - 1) / 3]!.checked : undefined
      const shape = checked === undefined ? undefined : shapeNamed(checked)
      return shape ? [[paths.names(facts.pathAt(fact), program.fields), shape]] : []
    })

  const resolver = (index: number, target: number) => {
    const [resolve] = functions[target]!.params
    if (resolve !== undefined) add(resolve, valueOfResolver(index), 0, false)
  }

  const run = () => {
    while (facts.work.length > 0) {
      const state = facts.work.pop()!
      const fact = facts.work.pop()!
      const node = facts.nodeOf(fact)
      const term = facts.termOf(fact)
      if ((state & 1) !== 0) {
        arrived(node, facts.valueAt(fact), facts.pathAt(fact))
        for (let at = forward.offsets[node]!, end = forward.offsets[node + 1]!; at < end; at += 3) through(forward.targets[at]!, forward.targets[at + 1]!, forward.targets[at + 2]!, term)
        for (let link = extra.first[node]!; link >= 0; link = extra.next[link]!) through(extra.targets[link]!, extra.kinds[link]!, extra.data[link]!, term)
      }
      if ((state & 2) !== 0) {
        for (let at = backward.offsets[node]!, end = backward.offsets[node + 1]!; at < end; at += 3) back(backward.targets[at]!, backward.targets[at + 1]!, backward.targets[at + 2]!, term)
        for (let link = extraBack.first[node]!; link >= 0; link = extraBack.next[link]!) back(extraBack.targets[link]!, extraBack.kinds[link]!, extraBack.data[link]!, term)
      }
    }
  }

  for (const [index, fn] of functions.entries()) add(fn.node, valueOfFunction(index), 0, false)
  seed(program, give)
  run()
  for (const [fn, model] of entryFunctions(program, paths, functionsBelow))
    for (const [at, given] of model.params.entries()) give(functions[fn]!.params[at], given)
  run()
  for (const [value, read] of requestFields(program, shapesOf, bounds)) flow(value, read, edgeKinds.copy)
  linkTemplates({ program, shapesOf, functionsAt, flow, link })
  for (const [node, shape] of routerShapes(program, models, apis)) addShape(node, shape)
  const known = { program, targets, models, apis, functionsBelow, shapesOf, shapesBelow, checksAt }
  for (const [node, shape] of new Validation(known).compiled()) addShape(node, shape)
  run()
  const validation = new Validation(known)
  for (const [node, shape] of validation.validators()) addShape(node, shape)
  run()
  for (const [fn, shape] of validation.handlers()) addShape(functions[fn]!.params[0]!, shape)
  for (const [index, list] of models.entries())
    for (const { checks } of list)
      if (checks) {
        const schema = checks.schema < 0 ? calls[index]!.receiver : calls[index]!.args[checks.schema]
        const checked = schema === undefined || schema < 0 ? undefined : checkedShape(checksAt(schema))
        if (checked) addShape(calls[index]!.result, checks.field === undefined ? checked : { members: { [checks.field]: checked } })
      }
  run()
  // What is left unknown is taken for what its name says: methods of text, arrays and promises; events by their names.
  for (let round = 0; round < 2; round += 1) {
    for (const [index, call] of calls.entries()) {
      if (models[index]!.length > 0 || !targets[index]!.every((target) => isStandIn(functions[target]!, call))) continue
      const model = genericMethod(call.name, call.args.map((argument) => program.constants.get(argument)))
      if (call.receiver < 0 && model?.merges === undefined) continue
      if (model) applyModel(index, model)
    }
    if (round === 0) {
      linkEvents(program, functionsAt, link, bounds)
      giveToHandlers(program, functionsAt, shapesOf, give)
      for (const { name, args } of calls) if (/^(?:on|once|addListener)$/.test(name) && program.constants.get(args[0] ?? -1) === 'entry') for (const target of functionsAt(args[1] ?? -1)) give(functions[target]!.params[0], 'archive.entry')
      run()
      linkLoneMethods(program, (index) => targets[index]!.length > 0 || models[index]!.length > 0 || facts.sizes[calls[index]!.receiver]! > 0, link)
    }
    run()
  }

  return {
    targets,
    models,
    apis,
    flows,
    origins,
    linked: extra,
    linkedBack: extraBack,
    harmless,
    shapesOf,
    functionsAt: (node, depth) => {
      if (depth === 0) return functionsAt(node)
      const found = new Set<number>()
      for (const [fn, path] of functionsBelow(node)) {
        let below = 0
        for (let at = path; at !== 0; at = paths.rest(at, paths.head(at))) below += 1
        if (below <= depth) found.add(fn)
      }
      return [...found]
    },
  }
}

const nothing: readonly never[] = []
