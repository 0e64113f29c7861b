import type { Inventory } from './match-components.ts'

const longestPath = 50

/**
 * How each component came to be there: the shortest way down from one that nothing else needs. What is only in a circle of needs has
 * a way that begins with itself.
 */
export function pathsTo({ components, dependencies }: Inventory): (ref: string) => readonly string[] {
  const labels = new Map(components.map(({ ref, name, version }) => [ref, version === '' ? name : `${name}@${version}`]))
  const needed = new Set([...dependencies].flatMap(([from, to]) => to.filter((it) => it !== from)))
  const parents = new Map<string, string | undefined>()
  const queue = components.flatMap(({ ref }) => (needed.has(ref) ? [] : [ref]))
  for (const ref of queue) parents.set(ref, undefined)
  for (let next = 0; next < queue.length; next += 1) {
    const from = queue[next] ?? ''
    for (const to of dependencies.get(from) ?? []) {
      if (parents.has(to) || !labels.has(to)) continue
      parents.set(to, from)
      queue.push(to)
    }
  }
  return (ref) => {
    const path: string[] = []
    for (let at: string | undefined = ref; at !== undefined && path.length < longestPath; at = parents.get(at)) path.unshift(labels.get(at) ?? at)
    return path
  }
}
