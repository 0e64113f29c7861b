import type { CanaryRecord, RevisionMeasure } from '@shiplock/findings'

const measure = (requests: number, more: Partial<RevisionMeasure> = {}): RevisionMeasure => ({ requests, errors: 0, refused: 3, forbidden: 1, logErrors: 0, p50: 4, p95: 11, p99: 19, ...more })

/** A canary that went well at first, had to ask itself once, and was given up. */
export const sampleCanary: CanaryRecord = {
  source: 'the emulator',
  steps: [
    {
      percent: 5,
      startedMs: 5200,
      durationMs: 1000,
      looks: [{ atMs: 5700, stable: measure(100), candidate: measure(0) }, { atMs: 6200, stable: measure(190), candidate: measure(10) }],
      decision: {
        answer: 'insufficient',
        isPassed: true,
        why: '10 of 300 requests; 100 synthetic requests kept to the absolute guards',
        tests: [{ name: 'objective of errors', kind: 'guard', answer: 'good', text: '0 of 10 (0.0%), at most 5.0% are allowed' }],
        synthetic: measure(100, { refused: 0, forbidden: 0 }),
      },
    },
    {
      percent: 20,
      startedMs: 6300,
      durationMs: 2000,
      looks: [{ atMs: 7300, stable: measure(800), candidate: measure(200, { errors: 2 }) }, { atMs: 8300, stable: measure(1600), candidate: measure(400, { errors: 22, p95: 40 }) }],
      decision: {
        answer: 'worse',
        isPassed: false,
        why: 'errors (5xx): 22 of 400 (5.5%) against 0 of 1600 (0.0%)',
        tests: [
          { name: 'errors (5xx)', kind: 'comparison', answer: 'worse', text: '22 of 400 (5.5%) against 0 of 1600 (0.0%)', p: 1e-16, alpha: 0.00002 },
          { name: 'refused requests (4xx)', kind: 'signal', answer: 'good', text: '3 of 400 (0.8%) against 3 of 1600 (0.19%)', p: 0.1, alpha: 0.00002 },
        ],
      },
    },
  ],
}
