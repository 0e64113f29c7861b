import type { Variable } from './scopes.ts'

/**
 * Which node each variable is at this point of the program. A branch gets a layer of its own above what holds before it, so
 * that joining two branches costs what they changed and no more. `places` are fields whose value is known here
 * because they were just read, written or checked: `12.query.id` is field `id` of field `query` of node 12.
 */
export class Environment {
  readonly parent: Environment | undefined
  private ownVariables: Map<Variable, number> | undefined
  private ownPlaces: Map<string, number> | undefined
  /** The end of this branch is never reached. */
  isDead = false
  private asksForDevelopment = false
  /** Places known before do not hold here: what runs here may run again after they have changed. */
  forgetsPlaces: boolean

  constructor(parent: Environment | undefined, forgetsPlaces = false) {
    this.parent = parent
    this.forgetsPlaces = forgetsPlaces
  }

  /** Behind a condition that asks whether the program is being developed, `NODE_ENV`, either way. */
  get isInDevelopment(): boolean {
    return this.asksForDevelopment || this.parent?.isInDevelopment === true
  }

  set isInDevelopment(asks: boolean) {
    this.asksForDevelopment = asks
  }

  /** Of this layer. Made when first asked for: most branches change nothing. */
  get variables(): Map<Variable, number> {
    return (this.ownVariables ??= new Map())
  }

  get places(): Map<string, number> {
    return (this.ownPlaces ??= new Map())
  }

  get hasVariables(): boolean {
    return this.ownVariables !== undefined
  }

  get hasPlaces(): boolean {
    return this.ownPlaces !== undefined
  }

  get(variable: Variable): number | undefined {
    return this.ownVariables?.get(variable) ?? this.parent?.get(variable)
  }

  place(name: string): number | undefined {
    const node = this.ownPlaces?.get(name)
    if (node !== undefined) return node === unknownPlace ? undefined : node
    return this.forgetsPlaces ? undefined : this.parent?.place(name)
  }
}

/** A branch and those around it, the innermost first. */
export function* layersOf(environment: Environment): Generator<Environment> {
  for (let layer: Environment | undefined = environment; layer; layer = layer.parent) yield layer
}

export const unknownPlace = -1
