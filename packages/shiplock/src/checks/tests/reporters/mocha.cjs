// Loaded by Mocha in the confinement: appends what happens, as JSON lines, to $SHIPLOCK_TEST_EVENTS. Mocha takes one
// reporter only, so it also prints a line for each test, which is where a hanging run is looked at.
const { appendFileSync } = require('node:fs')

const append = (event) => appendFileSync(process.env.SHIPLOCK_TEST_EVENTS, `${JSON.stringify(event)}\n`)

module.exports = function ShiplockReporter(runner) {
  const ids = new Map()
  const idOf = (test) => ids.get(test) ?? (ids.set(test, `mocha ${process.pid} ${ids.size}`), ids.get(test))
  const place = (test) => ({ id: idOf(test), name: test.titlePath().join(' > '), file: test.file })
  const end = (test, state, error) => {
    process.stdout.write(`${state}: ${test.fullTitle()}\n`)
    append({
      event: 'end',
      ...place(test),
      state,
      ...(error && { failures: [{ message: error.message ?? String(error), stack: error.stack }] }),
    })
  }
  runner.on('test', (test) => append({ event: 'start', ...place(test) }))
  runner.on('pass', (test) => end(test, 'passed'))
  runner.on('pending', (test) => end(test, 'skipped'))
  runner.on('fail', (test, error) => end(test, 'failed', error))
  runner.on('end', () => append({ event: 'done' }))
}
