import type { Node } from './ast.ts'
import { writesOf } from './ast.ts'
import type { Builder } from './builder.ts'
import { unknownPlace, type Environment } from './environment.ts'
import { bindPattern } from './patterns.ts'
import type { Variable } from './scopes.ts'
import { statement, variablesOf } from './statements.ts'

/** A `try`: its block may be left at any place, so that behind it nothing holds that did not hold before as well. */
export function attempt(b: Builder, node: Extract<Node, { type: 'TryStatement' }>): void {
  const before = new Map(variablesOf(writesOf(node)).map((variable) => [variable, b.env.get(variable)] as const))
  const block = b.branch(() => statement(b, node.block))
  const caught = b.branch(() => {
    for (const [variable, was] of before) {
      const is = block.variables.get(variable)
      const nodes = [was, is].filter((one) => one !== undefined)
      if (nodes.length > 0) b.env.variables.set(variable, b.join(nodes, node))
    }
    if (node.handler) {
      if (node.handler.param) bindPattern(b, node.handler.param, b.node(node.handler.param))
      statement(b, node.handler.body)
    }
  })
  const left = node.handler ? [block, caught] : [block]
  const known = node.finalizer ? knownBefore(b, left, node) : undefined
  b.merge(left, node)
  if (node.finalizer && known) finalise(b, node.finalizer, known)
}

/** What runs at the end of a `try` runs as well where an exception left it half way: there nothing is known of what was checked in it. */
function finalise(b: Builder, finalizer: Node, before: Known): void {
  const { isDead } = b.env
  b.env.isDead = false
  const either = new Map<Variable, number>()
  const after = b.branch(() => {
    for (const [variable, was] of before.variables) {
      const joined = b.join([was, b.env.get(variable) ?? was], finalizer)
      b.env.variables.set(variable, joined)
      either.set(variable, joined)
    }
    for (const place of before.places) b.env.places.set(place, unknownPlace)
    statement(b, finalizer)
  })
  for (const [variable, value] of after.variables) if (either.get(variable) !== value) b.env.variables.set(variable, value)
  for (const [place, value] of after.places) if (value !== unknownPlace) b.env.places.set(place, value)
  b.env.isDead = isDead || after.isDead
}

interface Known {
  readonly variables: ReadonlyMap<Variable, number>
  readonly places: readonly string[]
}

/** What those variables and places were before that these branches change. */
const knownBefore = (b: Builder, branches: readonly Environment[], at: Node): Known => ({
  variables: new Map(branches.flatMap(({ variables }) => [...variables.keys()].map((variable) => [variable, b.env.get(variable) ?? b.read(variable, at)] as const))),
  places: branches.flatMap(({ places }) => [...places.keys()]),
})
