import type { CallModel, Segments, Shape } from '../models/shape.ts'
import type { Program, ProgramCall } from './program.ts'
import { both, join, noSegments } from './segments.ts'

/** A shape of each router's (and application's) own: so it is known wherever it is handed to. */
export function routerShapes({ calls }: Program, models: readonly (readonly CallModel[])[], apis: readonly (readonly string[])[]): [node: number, shape: Shape][] {
  if (!models.some((list) => list.some(({ validated }) => validated !== undefined))) return []
  return calls.flatMap(({ result }, index): [number, Shape][] => (models[index]!.some(({ returns, callbacks }) => !callbacks && typeof returns === 'string' && routerTypes.has(returns)) && !apis[index]!.some((api) => api.startsWith('express.')) ? [[result, { api: 'router' }]] : []))
}

const routerTypes = new Set(['express.app', 'hono.app', 'koa.app', 'fastify.app'])
/** How many routers one may be mounted below. */
const deepest = 6

/** What a request has passed before it comes to a route: the middlewares of its router that stand before it, and those of the routers that this is mounted in. */
export class Routers {
  private readonly program: Program
  private readonly shapesOf: (node: number) => readonly Shape[]
  private readonly checksOf: (call: ProgramCall) => Segments
  private readonly uses = new Map<Shape, ProgramCall[]>()
  private readonly mounts = new Map<Shape, ProgramCall[]>()
  private readonly known = new Map<ProgramCall, Segments>()

  /** `checksOf`: what the middlewares that a call of `use` is given have checked. */
  constructor(program: Program, shapesOf: (node: number) => readonly Shape[], checksOf: (call: ProgramCall) => Segments) {
    this.program = program
    this.shapesOf = shapesOf
    this.checksOf = checksOf
    for (const call of program.calls) {
      if (call.name !== 'use' || call.receiver < 0) continue
      for (const router of this.routersAt(call.receiver)) push(this.uses, router, call)
      for (const router of new Set(call.args.flatMap((argument) => this.routersAt(argument)))) push(this.mounts, router, call)
    }
  }

  /** What has been checked of a request that comes to this route. */
  before(index: number): Segments {
    return this.uses.size === 0 ? noSegments : this.beforeCall(this.program.calls[index]!, 0)
  }

  private beforeCall(call: ProgramCall, depth: number): Segments {
    // Of what may be one of several routers nothing is known.
    const [router, another] = call.receiver < 0 ? [] : this.routersAt(call.receiver)
    if (!router || another || depth > deepest) return noSegments
    const own = (this.uses.get(router) ?? []).filter((use) => use !== call && use.within === call.within && use.file === call.file && use.start < call.start && isForAll(this.program, use)).map((use) => this.ownOf(use))
    const mounts = this.mounts.get(router) ?? []
    // It may be mounted in several places: then what all of them check counts.
    const outer = mounts.map((mount) => join([this.ownOf(mount), this.beforeCall(mount, depth + 1)]))
    return join([...own, ...(outer.length === 0 ? [] : [outer.reduce(both)])])
  }

  private ownOf(use: ProgramCall): Segments {
    let known = this.known.get(use)
    if (!known) this.known.set(use, (known = this.checksOf(use)))
    return known
  }

  private routersAt(node: number): Shape[] {
    return this.shapesOf(node).filter(({ api }) => api === 'router')
  }
}

/** Not only for the paths below one. */
function isForAll({ constants }: Program, { args }: ProgramCall): boolean {
  const path = constants.get(args[0] ?? -1)
  return typeof path !== 'string' || path === '/' || path === '*'
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
