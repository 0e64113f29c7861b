import type { Shape } from '../models/shape.ts'

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
