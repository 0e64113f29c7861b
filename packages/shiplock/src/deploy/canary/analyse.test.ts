import { describe, expect, test } from 'vitest'
import { analyse, analyseSynthetic, type CanaryLimits } from './analyse.ts'
import { mergeBuckets, quantileBounds, type RevisionCounts } from './measure.ts'
import { binomialAtLeast, differenceAtMost, fisherGreater, shareInterval } from './statistics.ts'

const limits: CanaryLimits = { minimumRequests: 300, errorMargin: 0.01, latencyRatio: 1.5, latencyFloorMs: 25, maxErrorRatio: 0.05, maxP99Ms: 2000, falseAlarm: 0.01 }
const chances = { steps: 4, looksPerStep: 20 }

/** A sequence that is the same at every run (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Behaviour {
  readonly errors?: number
  readonly forbidden?: number
  readonly slower?: number
  readonly logErrors?: number
}

/** What `n` requests to a service with such a behaviour come to; latencies are log-normal around 40 ms. */
function served(n: number, { errors = 0, forbidden = 0.03, slower = 1, logErrors = 0 }: Behaviour, random: () => number): RevisionCounts {
  const statuses: Record<string, number> = {}
  const buckets = []
  for (let i = 0; i < n; i++) {
    const chance = random()
    const status = chance < errors ? '500' : chance < errors + forbidden ? '403' : '200'
    statuses[status] = (statuses[status] ?? 0) + 1
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    const latency = 40 * slower * Math.exp(0.5 * normal)
    buckets.push({ upTo: 0.1 * 1.25 ** Math.ceil(Math.log(latency / 0.1) / Math.log(1.25)), count: 1 })
  }
  return { statuses, latencies: mergeBuckets(buckets), logErrors }
}

describe('the statistics are those of the books', () => {
  test("Fisher's exact test: the lady who tasted tea", () => {
    // Of 4 cups with milk first she named 3: p = 17/70.
    expect(fisherGreater(3, 4, 1, 4)).toBeCloseTo(17 / 70, 12)
  })

  test('a binomial tail and its edges', () => {
    expect(binomialAtLeast(9, 10, 0.5)).toBeCloseTo(11 / 1024, 12)
    expect([binomialAtLeast(0, 10, 0.5), binomialAtLeast(1, 10, 0), binomialAtLeast(10, 10, 1)]).toEqual([1, 0, 1])
  })

  test("Wilson's interval of nothing in 300 is below one of a hundred, and of nothing in 100 is not", () => {
    expect(shareInterval(0, 300).high).toBeCloseTo(0.00894, 4)
    expect(shareInterval(0, 100).high).toBeGreaterThan(0.01)
    expect(shareInterval(0, 0)).toEqual({ low: 0, high: 1 })
  })

  test("Newcombe's interval of a difference, his example (56 of 70 against 48 of 80)", () => {
    const z = 1.959963984540054
    const upper = 56 / 70 - 48 / 80 + Math.hypot(shareInterval(56, 70, z).high - 56 / 70, 48 / 80 - shareInterval(48, 80, z).low)
    expect(upper).toBeCloseTo(0.3339, 3)
    expect(differenceAtMost(56, 70, 48, 80)).toBeLessThan(upper)
  })

  test('large counts are exact too: as many heads as tails', () => {
    expect(binomialAtLeast(50_000, 100_000, 0.5)).toBeCloseTo(0.5 + 0.5 * 0.0025231, 5)
  })

  test('the bounds of a quantile hold in 95 of 100 on each side', () => {
    const random = randomFrom(7)
    let [below, above] = [0, 0]
    const p95 = 40 * Math.exp(0.5 * 1.6448536)
    for (let i = 0; i < 400; i++) {
      const bounds = quantileBounds(served(400, {}, random), 0.95)!
      if (bounds.low > p95) below++
      if (bounds.high < p95) above++
    }
    expect([below < 20, above < 20]).toEqual([true, true])
  })
})

describe('a decision', () => {
  test('good needs enough requests and is then good', () => {
    const random = randomFrom(1)
    expect(analyse(served(5000, {}, random), served(1000, {}, random), limits, chances)).toMatchObject({ answer: 'good', isPassed: true })
    expect(analyse(served(5000, {}, random), served(120, {}, random), limits, chances)).toMatchObject({ answer: 'insufficient', isPassed: false, why: '120 of 300 requests' })
  })

  test('enough requests with errors that could be chance are not enough to be called good', () => {
    const random = randomFrom(2)
    const candidate = served(300, {}, random)
    const unlucky = { ...candidate, statuses: { ...candidate.statuses, 500: 3 } }
    expect(analyse(served(5000, {}, random), unlucky, limits, chances)).toMatchObject({ answer: 'insufficient', isPassed: false, why: expect.stringContaining('errors (5xx)') })
  })

  test.for([
    ['errors in 2% of requests', { errors: 0.02 }, 'errors (5xx)'],
    ['being 3 × slower', { slower: 3 }, 'latency'],
    ['a check that refuses nothing any more', { forbidden: 0 }, 'refused requests'],
    ['a check that refuses too much', { forbidden: 0.15 }, 'refused requests'],
    ['errors in the log', { logErrors: 40 }, 'errors in the log'],
  ] as const)('%s is worse, for that reason', ([, behaviour, reason]) => {
    const random = randomFrom(3)
    const decision = analyse(served(8000, {}, random), served(2000, behaviour, random), limits, chances)
    expect(decision).toMatchObject({ answer: 'worse', isPassed: false, why: expect.stringContaining(reason) })
  })

  test('a stable revision with the same errors makes them no reason, and the objective still is one', () => {
    const random = randomFrom(4)
    expect(analyse(served(8000, { errors: 0.02 }, random), served(4000, { errors: 0.02 }, random), limits, chances).tests.find(({ name }) => name === 'errors (5xx)')?.answer).not.toBe('worse')
    expect(analyse(served(8000, { errors: 0.2 }, random), served(2000, { errors: 0.2 }, random), limits, chances)).toMatchObject({ answer: 'worse', why: expect.stringContaining('objective of errors') })
  })

  test('of 400 releases that change nothing at most one of a hundred is given up', () => {
    const random = randomFrom(5)
    let givenUp = 0
    for (let release = 0; release < 400; release++) {
      // What is counted grows from look to look, as it does in a step: the looks are not independent.
      const stable = served(1500, { errors: 0.004 }, random)
      const candidate = served(400, { errors: 0.004 }, random)
      const looks = [0.25, 0.5, 0.75, 1].map((part) => ({ stable: scaled(stable, part, random), candidate: scaled(candidate, part, random) }))
      if (looks.some((look) => analyse(look.stable, look.candidate, limits, chances).answer === 'worse')) givenUp++
    }
    expect(givenUp).toBeLessThanOrEqual(4)
  })

  test('of 100 releases with 2% of errors none is called good after 1,000 requests', () => {
    const random = randomFrom(6)
    const answers = Array.from({ length: 100 }, () => analyse(served(4000, {}, random), served(1000, { errors: 0.02 }, random), limits, chances).answer)
    expect(answers.filter((answer) => answer === 'good')).toEqual([])
    expect(answers.filter((answer) => answer === 'worse').length).toBeGreaterThan(90)
  })

  test('a caller that left first counts for nobody', () => {
    const random = randomFrom(8)
    const left = { ...served(400, {}, random), statuses: { 200: 388, 403: 12, 499: 4000 } }
    expect(analyse(served(5000, {}, random), left, limits, chances)).toMatchObject({ answer: 'good' })
  })
})

describe('where users send too few requests', () => {
  const random = randomFrom(9)
  const quiet = analyse(served(40, {}, random), served(2, {}, random), limits, chances)

  test('requests of our own decide by the absolute guards, and the answer stays: insufficient', () => {
    expect(analyseSynthetic(quiet, served(100, {}, random), limits)).toMatchObject({ answer: 'insufficient', isPassed: true, synthetic: { requests: 100 } })
    expect(analyseSynthetic(quiet, served(100, { errors: 0.3 }, random), limits)).toMatchObject({ answer: 'worse', isPassed: false })
  })

  test('none that was answered is no evidence', () => {
    expect(analyseSynthetic(quiet, { statuses: {}, latencies: [], logErrors: 0 }, limits)).toMatchObject({ isPassed: false })
  })
})

/** A part of what was counted, as an earlier look would have seen it. */
function scaled(counts: RevisionCounts, part: number, random: () => number): RevisionCounts {
  const thin = (count: number) => Array.from({ length: count }, random).filter((value) => value < part).length
  return {
    statuses: Object.fromEntries(Object.entries(counts.statuses).map(([status, count]) => [status, thin(count)])),
    latencies: counts.latencies.map(({ upTo, count }) => ({ upTo, count: thin(count) })),
    logErrors: 0,
  }
}
