/** Ids by priority, largest first; among equals the one that came first. A binary heap: n stages cost n log n. */
export class ReadyQueue {
  readonly #priority: (id: string) => number
  readonly #heap: Entry[] = []
  #count = 0

  constructor(priority: (id: string) => number) {
    this.#priority = priority
  }

  push(id: string): void {
    const heap = this.#heap
    let at = heap.push({ id, priority: this.#priority(id), order: this.#count++ }) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(heap[at]!, heap[parent]!)) break
      this.#swap(at, parent)
      at = parent
    }
  }

  pop(): string | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (!first || !last || heap.length === 0) return first?.id
    heap[0] = last
    for (let at = 0; ; ) {
      let next = at
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < heap.length && isBefore(heap[child]!, heap[next]!)) next = child
      if (next === at) return first.id
      this.#swap(at, next)
      at = next
    }
  }

  #swap(a: number, b: number): void {
    const entry = this.#heap[a]!
    this.#heap[a] = this.#heap[b]!
    this.#heap[b] = entry
  }
}

interface Entry {
  readonly id: string
  readonly priority: number
  readonly order: number
}

const isBefore = (a: Entry, b: Entry) => a.priority > b.priority || (a.priority === b.priority && a.order < b.order)
