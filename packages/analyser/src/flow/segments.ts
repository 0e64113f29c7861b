import type { Segments, Shape } from '../models/shape.ts'

export const noSegments: Segments = new Map()

/** What all of them say together. */
export function join(list: readonly Segments[]): Segments {
  const filled = list.filter(({ size }) => size > 0)
  if (filled.length < 2) return filled[0] ?? noSegments
  const found = new Map<string, (readonly [readonly string[], Shape])[]>()
  for (const segments of filled)
    for (const [segment, checks] of segments) {
      const known = found.get(segment)
      if (known) known.push(...checks)
      else found.set(segment, [...checks])
    }
  return found
}

/** What each of the two says. */
export function both(one: Segments, other: Segments): Segments {
  const key = ([path, { harmless }]: readonly [readonly string[], Shape]) => `${path.join('.')} ${String(harmless)}`
  return new Map([...one].map(([segment, checks]) => {
    const said = new Set((other.get(segment) ?? []).map(key))
    return [segment, checks.filter((check) => said.has(key(check)))]
  }))
}
