import type { Bounds } from './bounds.ts'
import { Pairs } from './pairs.ts'

/** What `push`, `add` or `set` have put into a collection: an element, and no method of it, such as the `get` of a map. No name that a program can write. */
export const elementField = '\0element'

/** Paths of fields below a value: 0 is the value itself, every other one a field and the path below it. At most three fields. */
export class Paths {
  /** Field and path below of each, the value itself first. */
  private readonly known = new Pairs()
  private readonly depths: number[] = [0]
  private readonly bounds: Bounds
  /** The field that stands for the elements of a collection, and those that are a position in a list. */
  private readonly elements: number
  private readonly positions: ReadonlySet<number>

  constructor(bounds: Bounds, fields: readonly string[] = []) {
    this.bounds = bounds
    this.elements = fields.indexOf(elementField)
    this.positions = new Set(fields.flatMap((name, field) => (/^\d+$/.test(name) ? field : [])))
    this.known.add(-1, 0)
  }

  /** -1 where it would be too deep. */
  join(field: number, rest: number): number {
    const depth = this.depths[rest]! + 1
    if (depth > 3) {
      this.bounds.reach('fields', field)
      return -1
    }
    if (this.known.count >= mostPaths) {
      const id = this.known.find(field, rest)
      if (id < 0) this.bounds.reach('paths', field)
      return id
    }
    const before = this.known.count
    const id = this.known.add(field, rest)
    if (id === before) this.depths.push(depth)
    return id
  }

  head(path: number): number {
    return this.known.first(path)
  }

  /** Names of the fields of a path, the outermost first. */
  names(path: number, fields: readonly string[]): string[] {
    const names: string[] = []
    for (let at = path; at > 0; at = this.known.second(at)) names.push(fields[this.known.first(at)]!)
    return names
  }

  /** What is left after reading a field; -1 where the path does not lead there. Field 0 is any. */
  rest(path: number, field: number): number {
    const head = this.known.first(path)
    return head === field || head === 0 || (field === 0 && head > 0) || (head === this.elements && this.positions.has(field)) ? this.known.second(path) : -1
  }
}

const mostPaths = 1_000_000
