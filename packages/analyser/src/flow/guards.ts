import { all, harmlessOf, type Kinds } from '../kinds.ts'
import { elementsOf, type Guard } from '../model/file-model.ts'
import type { Bounds } from './bounds.ts'
import { fromPackages } from './implicit-calls.ts'
import type { Program } from './program.ts'
import type { Values } from './values.ts'

/** Functions that ask one another about a value, one behind the other; further ones are not believed. */
const deepest = 400

/**
 * What every condition of which it is known only in the whole program what it says makes harmless: one that a function decides, also where
 * that function asks another one, and one that compares with a value. `broken`: guards whose value is untrusted itself.
 */
export function guardMasks(program: Program, values: Values, broken: ReadonlySet<number>, bounds: Bounds): Kinds[] {
  const known: (Kinds | undefined)[] = program.guards.map(() => undefined)
  let packages: ReadonlySet<number> | undefined
  let depth = 0

  const isOutside = (call: number) => {
    const { callee, receiver } = program.calls[call]!
    if (values.models[call]!.length > 0) return true
    packages ??= fromPackages(program)
    return packages.has(callee) || (receiver >= 0 && packages.has(receiver))
  }

  /** Whether its answer, as it was asked for, tells what its body found. */
  const tells = (fn: number, { isAwaited }: Guard) => {
    const { runs } = program.functions[fn]!
    return runs === 'at once' || (runs === 'async' && isAwaited === true)
  }

  const summary = (fn: number, guard: Guard, arg: number): Kinds => {
    const found = program.functions[fn]!.guards[guard.holds][arg]
    return found && tells(fn, guard) ? found.guards.reduce((mask, inner) => mask | resolve(inner), found.harmless) : 0
  }

  const decide = (guard: Guard): Kinds => {
    const { call, arg, holds, by, harmless = 0 } = guard
    const isElements = arg === elementsOf
    const targets = isElements ? values.functionsAt(program.calls[call]!.args[0] ?? -1, 0) : values.targets[call]!
    // Of so many that it may mean not all are known.
    if (bounds.has('targets', call)) return 0
    if (by === 'assertion' || by === 'named assertion') {
      if (targets.length > 0) return targets.every((target) => tells(target, guard) && program.functions[target]!.asserts.includes(arg)) ? harmless : 0
      return by === 'named assertion' && isOutside(call) ? harmless : 0
    }
    if (targets.length > 0) return targets.reduce((kept, target) => kept & summary(target, guard, isElements ? 0 : arg), all)
    const mask = values.models[call]!.reduce((kept, { guards }) => (guards && guards.arg === arg && (guards.when ?? 'truthy') === holds ? kept | harmlessOf(guards.harmless) : kept), 0)
    return mask === 0 && by === 'name' && isOutside(call) ? harmless : mask
  }

  const resolve = (index: number): Kinds => {
    const before = known[index]
    if (before !== undefined) return before
    known[index] = 0 // A function that asks itself decides nothing by that.
    const guard = program.guards[index]!
    if (guard.unless !== undefined) {
      known[index] = broken.has(index) ? 0 : (guard.harmless ?? 0)
    } else if (depth >= deepest) bounds.reach('guards', index)
    else {
      depth += 1
      known[index] = decide(guard)
      depth -= 1
    }
    return known[index]
  }
  return program.guards.map((_, index) => resolve(index))
}
