import type { FileBound } from '../model/file-model.ts'

/** Where following ends though the program goes on: what lies behind is not looked at, and the summary says so. */
export type Bound = FileBound | 'facts' | 'fields' | 'paths' | 'values' | 'functions' | 'targets' | 'listeners' | 'writers' | 'guards' | 'units'

/** What was reached of each bound: places, calls or files, each counted once. */
export class Bounds {
  private readonly reached = new Map<Bound, Set<number>>()

  reach(bound: Bound, place: number): void {
    const places = this.reached.get(bound)
    if (places) places.add(place)
    else this.reached.set(bound, new Set([place]))
  }

  has(bound: Bound, place: number): boolean {
    return this.reached.get(bound)?.has(place) === true
  }

  counts(): ReadonlyMap<Bound, number> {
    return new Map([...this.reached].map(([bound, places]) => [bound, places.size] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }
}
