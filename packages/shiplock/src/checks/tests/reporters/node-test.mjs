// Loaded by `node --test` in the confinement: appends what happens, as JSON lines, to $SHIPLOCK_TEST_EVENTS.
import { appendFileSync } from 'node:fs'

const append = (event) => appendFileSync(process.env.SHIPLOCK_TEST_EVENTS, `${JSON.stringify(event)}\n`)

/** The runner reports a file as a test of its own, at its first character or nowhere. */
const isFile = ({ name, file, nesting, line = 1, column = 1 }) =>
  nesting === 0 && line === 1 && column === 1 && (file === undefined || file.endsWith(name) || name.endsWith(file))

const idOf = ({ file, line, column, nesting, name, testId }) => `node ${process.pid} ${file} ${line} ${column} ${nesting} ${testId} ${name}`

/** A file that ends badly outside of its tests has said why on its standard error. */
const failures = ({ details: { error } = {} }, stderr) => {
  const said = stderr?.split('\n').find((line) => /^(?:\w*(?:Error|Exception)\b.*|Error.*|\w+ \[ERR_\w+\].*)$/.test(line))
  if (said) return [{ message: said, stack: stderr }]
  const cause = error?.cause instanceof Error ? error.cause : error
  return [{ message: String(cause?.message ?? error?.cause ?? error ?? 'failed'), stack: cause?.stack }]
}

export default async function* report(source) {
  /** Names of the tests around, by file. */
  const names = new Map()
  const fullNames = new Map()
  const stderr = new Map()
  const place = (data) => ({
    id: idOf(data),
    name: fullNames.get(idOf(data)) ?? [...(names.get(data.file) ?? []).slice(0, data.nesting), data.name].join(' > '),
    file: data.file,
    line: data.line,
    column: data.column,
    ...(isFile(data) && { isFile: true }),
  })
  for await (const { type, data } of source) {
    if (type === 'test:dequeue') {
      const above = (names.get(data.file) ?? []).slice(0, data.nesting)
      names.set(data.file, [...above, data.name])
      fullNames.set(idOf(data), [...above, data.name].join(' > '))
      append({ event: 'start', ...place(data) })
    } else if (type === 'test:stderr') {
      const file = data.entryFile ?? data.file
      stderr.set(file, ((stderr.get(file) ?? '') + data.message).slice(-20_000))
    } else if (type === 'test:pass' || type === 'test:fail') {
      const isSuite = data.details?.type === 'suite'
      const isOfOthers = type === 'test:fail' && data.details?.error?.failureType === 'subtestsFailed'
      const state =
        data.skip !== undefined || data.todo !== undefined ? 'skipped' : type === 'test:pass' || isOfOthers ? 'passed' : 'failed'
      append({
        event: 'end',
        ...place(data),
        ...((isSuite || isOfOthers) && state !== 'failed' && { isFile: true }),
        state,
        ...(state === 'failed' && { failures: failures(data, isFile(data) ? stderr.get(data.file) : undefined) }),
      })
    }
  }
  append({ event: 'done' })
  // A reporter is a generator; this one has nothing to print.
  yield* []
}
