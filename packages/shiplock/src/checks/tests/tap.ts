import { Parser } from 'tap-parser'
import type { TestResult, TestRun } from './test-run.ts'

/**
 * Reads TAP (versions 12 to 14), also in the middle of other output. Undefined where there is none: a stream without a
 * plan says nothing about what was to run.
 */
export function parseTap(text: string): TestRun | undefined {
  const events: unknown[] = Parser.parse(text)
  if (!isAnyEvent(events, 'plan') || !isAnyEvent(events, 'assert')) return undefined
  const complete = events.find((event) => Array.isArray(event) && event[0] === 'complete')
  const summary: unknown = Array.isArray(complete) ? complete[1] : undefined
  const isBailedOut = isRecord(summary) && summary['bailout'] !== false
  const tapErrors =
    isRecord(summary) && Array.isArray(summary['failures'])
      ? summary['failures'].filter((failure: unknown) => isRecord(failure) && failure['tapError'])
      : []
  return { results: [...results(events)], unfinished: [], isWhole: !isBailedOut && tapErrors.length === 0 }
}

const isAnyEvent = (events: readonly unknown[], kind: string) => events.some((event) => Array.isArray(event) && event[0] === kind)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

/** Leaves only: the line that closes a subtest repeats what is in it. */
function* results(events: readonly unknown[]): Generator<TestResult> {
  for (const event of events) {
    if (!Array.isArray(event)) continue
    const [kind, value]: unknown[] = event
    if (kind === 'child' && Array.isArray(value)) yield* results(value)
    if (kind !== 'assert' || !isRecord(value) || value['closingTestPoint'] === true) continue
    const diag = isRecord(value['diag']) ? value['diag'] : {}
    const at = isRecord(diag['at']) ? diag['at'] : {}
    const file = at['file'] ?? at['fileName']
    const line = Number(at['lineNumber'] ?? at['line'])
    const state = value['skip'] !== false || value['todo'] !== false ? 'skipped' : value['ok'] === true ? 'passed' : 'failed'
    yield {
      name: String(value['fullname'] ?? value['name']),
      state,
      isContainer: false,
      ...(typeof file === 'string' && { file }),
      ...(Number.isInteger(line) && line > 0 && { line }),
      failures:
        state === 'failed'
          ? [
              {
                message: String(diag['message'] ?? diag['error'] ?? 'not ok'),
                ...(typeof diag['stack'] === 'string' && { stack: diag['stack'] }),
              },
            ]
          : [],
    }
  }
}
