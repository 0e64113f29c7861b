// Loaded by Vitest (3 and later) in the confinement: appends what happens, as JSON lines, to $SHIPLOCK_TEST_EVENTS.
import { appendFileSync } from 'node:fs'

const append = (event) => appendFileSync(process.env.SHIPLOCK_TEST_EVENTS, `${JSON.stringify(event)}\n`)
const idOf = (entity) => `vitest ${process.pid} ${entity.id}`

const failures = (errors) =>
  errors.map(({ name, message, stack, stacks, diff }) => ({
    message: name && name !== 'Error' && name !== 'AssertionError' ? `${name}: ${message}` : message,
    stack: stacks?.length ? stacks.map(({ file, line, column }) => `    at ${file}:${line}:${column}`).join('\n') : stack,
    diff,
  }))

export default class ShiplockReporter {
  onTestCaseReady(test) {
    append({ event: 'start', id: idOf(test), name: test.fullName, file: test.module.moduleId, ...test.location })
  }

  onTestCaseResult(test) {
    const { state, errors = [] } = test.result()
    append({
      event: 'end',
      id: idOf(test),
      name: test.fullName,
      file: test.module.moduleId,
      ...test.location,
      state,
      failures: failures(errors),
    })
  }

  onTestSuiteResult(suite) {
    const errors = suite.errors()
    if (errors.length > 0)
      append({
        event: 'end',
        id: idOf(suite),
        name: suite.fullName,
        file: suite.module.moduleId,
        ...suite.location,
        state: 'failed',
        failures: failures(errors),
      })
  }

  onTestModuleStart(module) {
    append({ event: 'start', id: idOf(module), isFile: true, name: module.relativeModuleId ?? module.moduleId, file: module.moduleId })
  }

  onTestModuleEnd(module) {
    append({
      event: 'end',
      id: idOf(module),
      isFile: true,
      name: module.relativeModuleId ?? module.moduleId,
      file: module.moduleId,
      state: module.errors().length > 0 ? 'failed' : 'passed',
      failures: failures(module.errors()),
    })
  }

  onTestRunEnd(modules, unhandledErrors) {
    if (unhandledErrors.length > 0)
      append({
        event: 'end',
        id: `vitest ${process.pid} unhandled`,
        isFile: true,
        name: 'outside of any test',
        state: 'failed',
        failures: failures(unhandledErrors),
      })
    append({ event: 'done' })
  }
}
