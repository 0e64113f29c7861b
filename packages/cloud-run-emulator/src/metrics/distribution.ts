/** Upper bounds in milliseconds: 0.1 ms and then a quarter more each, to beyond the longest time-out (an hour). A quantile is off by a quarter at most. */
export const latencyBounds: readonly number[] = Array.from({ length: 79 }, (_, index) => Number((0.1 * 1.25 ** index).toPrecision(4)))

/** How often which latency was seen, in fixed buckets. */
export class Distribution {
  readonly #counts = new Float64Array(latencyBounds.length + 1)
  #sum = 0

  add(ms: number): void {
    this.#counts[bucketOf(ms)]! += 1
    this.#sum += ms
  }

  get sum(): number {
    return this.#sum
  }

  /** For each bound how many were at most that, and last how many there were: what Prometheus calls buckets. */
  cumulative(): readonly number[] {
    let below = 0
    return Array.from(this.#counts, (count) => (below += count))
  }
}

function bucketOf(ms: number): number {
  let low = 0
  let high = latencyBounds.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ms <= latencyBounds[middle]!) high = middle
    else low = middle + 1
  }
  return low
}
