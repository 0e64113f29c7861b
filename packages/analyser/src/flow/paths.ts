import type { Bounds } from './bounds.ts'

/** Paths of fields below a value: 0 is the value itself, every other one a field and the path below it. At most three fields. */
export class Paths {
  private readonly heads: number[] = [-1]
  private readonly rests: number[] = [0]
  private readonly depths: number[] = [0]
  private readonly ids = new Map<number, number>()
  private readonly bounds: Bounds

  constructor(bounds: Bounds) {
    this.bounds = bounds
  }

  /** -1 where it would be too deep. */
  join(field: number, rest: number): number {
    const depth = this.depths[rest]! + 1
    if (depth > 3) {
      this.bounds.reach('fields', field)
      return -1
    }
    const key = field * 1_048_576 + rest
    let id = this.ids.get(key)
    if (id === undefined) {
      id = this.heads.length
      if (id >= 1_000_000) {
        this.bounds.reach('paths', field)
        return -1
      }
      this.heads.push(field)
      this.rests.push(rest)
      this.depths.push(depth)
      this.ids.set(key, id)
    }
    return id
  }

  head(path: number): number {
    return this.heads[path]!
  }

  /** Names of the fields of a path, the outermost first. */
  names(path: number, fields: readonly string[]): string[] {
    const names: string[] = []
    for (let at = path; at > 0; at = this.rests[at]!) names.push(fields[this.heads[at]!]!)
    return names
  }

  /** What is left after reading a field; -1 where the path does not lead there. Field 0 is any. */
  rest(path: number, field: number): number {
    const head = this.heads[path]!
    return head === field || head === 0 || (field === 0 && head > 0) ? this.rests[path]! : -1
  }
}
