// Loaded by Jest in the confinement: appends what happens, as JSON lines, to $SHIPLOCK_TEST_EVENTS.
const { appendFileSync } = require('node:fs')

const append = (event) => appendFileSync(process.env.SHIPLOCK_TEST_EVENTS, `${JSON.stringify(event)}\n`)
const idOf = (path, name) => `jest ${process.pid} ${path} ${name}`
const nameOf = ({ ancestorTitles, title }) => [...ancestorTitles, title].join(' > ')
const placeOf = ({ location }) => (location ? { line: location.line, column: location.column + 1 } : {})

module.exports = class ShiplockReporter {
  onTestFileStart({ path }) {
    append({ event: 'start', id: idOf(path, ''), isFile: true, name: path, file: path })
  }

  onTestCaseStart({ path }, test) {
    append({ event: 'start', id: idOf(path, nameOf(test)), name: nameOf(test), file: path })
  }

  onTestCaseResult({ path }, test) {
    append({ event: 'ran', id: idOf(path, nameOf(test)) })
  }

  onTestFileResult({ path }, { testResults, testExecError, failureMessage }) {
    for (const test of testResults) {
      const state = test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped'
      append({
        event: 'end',
        id: idOf(path, nameOf(test)),
        name: nameOf(test),
        file: path,
        ...placeOf(test),
        state,
        failures: test.failureMessages.map((stack) => ({ message: stack.split(/\n\s+at /)[0], stack })),
      })
    }
    const message = testExecError?.message ?? (testResults.length === 0 ? failureMessage : undefined)
    append({
      event: 'end',
      id: idOf(path, ''),
      isFile: true,
      name: path,
      file: path,
      state: message ? 'failed' : 'passed',
      failures: message ? [{ message, stack: testExecError?.stack }] : [],
    })
  }

  onRunComplete() {
    append({ event: 'done' })
  }
}
