import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeStateDir, startRig, until, type Rig } from '../testing/rig.ts'

/** A job of which each task does what MODE says (fixtures/service.mjs). */
const job = (rig: Rig, mode: string, task: object = {}, execution: object = {}) => ({
  template: { ...execution, template: { ...task, containers: [{ image: rig.image.reference, env: [{ name: 'MODE', value: mode }] }] } },
})
const run = async (rig: Rig, body: object = {}) => rig.settled('POST', 'jobs/migrate:run', body)
const conditionOf = (execution: { conditions: { type: string; state: string }[] }) => execution.conditions.find(({ type }) => type === 'Completed')
const log = (rig: Rig, execution: string) =>
  readFileSync(join(rig.stateDir, 'logs/jobs/migrate', `${execution}.log`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { textPayload?: string; resource: object; labels: Record<string, string> })

test('a job runs to its end, and its operation ends with the execution', async () => {
  await using rig = await startRig()
  const made = await rig.settled('POST', 'jobs?jobId=migrate', job(rig, 'task'))
  expect(made).toMatchObject({ name: 'projects/local/locations/local/jobs/migrate', template: { taskCount: 1, template: { maxRetries: 3, timeout: '600s' } } })
  const execution = await run(rig)
  expect(execution).toMatchObject({ job: 'migrate', taskCount: 1, succeededCount: 1, completionTime: expect.any(String) })
  expect(conditionOf(execution)).toMatchObject({ state: 'CONDITION_SUCCEEDED' })
  const name = execution.name.split('/').at(-1)
  const [entry] = log(rig, name)
  expect(entry).toMatchObject({
    textPayload: `task 0 of 1, attempt 0, of ${name} of migrate`,
    resource: { type: 'cloud_run_job', labels: { job_name: 'migrate' } },
    labels: { 'run.googleapis.com/execution_name': name, 'run.googleapis.com/task_attempt': '0' },
  })
  expect((await rig.api('GET', 'jobs/migrate')).body).toMatchObject({
    executionCount: 1,
    latestCreatedExecution: { name: execution.name, completionStatus: 'EXECUTION_SUCCEEDED' },
  })
  expect((await rig.api('GET', 'jobs/migrate/executions')).body.executions).toHaveLength(1)
})

test('a task that fails is tried again as often as it may, and then the operation says what it printed', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'jobs?jobId=migrate', job(rig, 'exits', { maxRetries: 1 }))
  const { error } = await run(rig)
  expect(error).toMatchObject({ code: 9, message: expect.stringContaining('task0 failed with message: The container exited with code 3.') })
  expect(error.message).toContain('cannot reach the database')
  const { body } = await rig.api('GET', 'jobs/migrate/executions')
  expect(body.executions[0]).toMatchObject({ failedCount: 1, retriedCount: 1 })
  expect(conditionOf(body.executions[0])).toMatchObject({ state: 'CONDITION_FAILED', executionReason: 'NON_ZERO_EXIT_CODE' })
  const name = body.executions[0].name.split('/').at(-1)
  const { body: tasks } = await rig.api('GET', `jobs/migrate/executions/${name}/tasks`)
  expect(tasks.tasks).toMatchObject([{ retried: 1, lastAttemptResult: { exitCode: 3 } }])
})

test('no retries are asked for by zero, which is not the same as by nothing', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'jobs?jobId=migrate', job(rig, 'exits', { maxRetries: 0 }))
  await run(rig)
  const { body } = await rig.api('GET', 'jobs/migrate/executions')
  expect(body.executions[0].retriedCount).toBeUndefined()
})

test('a run has arguments, variables and a count of its own, and the job keeps what it had', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'jobs?jobId=migrate', job(rig, 'exits', { maxRetries: 0 }))
  const overrides = { taskCount: 3, containerOverrides: [{ env: [{ name: 'MODE', value: 'task' }] }] }
  const execution = await run(rig, { overrides })
  expect(execution).toMatchObject({ taskCount: 3, succeededCount: 3 })
  const texts = log(rig, execution.name.split('/').at(-1)).map(({ textPayload = '' }) => textPayload.replace(/, attempt.*/, ''))
  expect(texts.toSorted()).toEqual(['task 0 of 3', 'task 1 of 3', 'task 2 of 3'])
  expect((await run(rig)).error).toBeDefined()
})

test('a task that takes longer than it may is ended and has failed', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'jobs?jobId=migrate', job(rig, 'sound', { maxRetries: 0, timeout: '1s' }))
  const { error } = await run(rig)
  expect(error.message).toContain('The configured timeout of 1s was reached.')
})

test('an execution that is cancelled ends its tasks, and says so to who ran it', async () => {
  await using rig = await startRig()
  await rig.settled('POST', 'jobs?jobId=migrate', job(rig, 'sound'))
  const { body: started } = await rig.api('POST', 'jobs/migrate:run', {})
  const name = started.metadata.name.split('/').at(-1)
  await until(async () => (await rig.api('GET', `jobs/migrate/executions/${name}`)).body, ({ runningCount }) => runningCount === 1)
  const cancelled = await rig.settled('POST', `jobs/migrate/executions/${name}:cancel`, {})
  expect(conditionOf(cancelled)).toMatchObject({ state: 'CONDITION_FAILED', executionReason: 'CANCELLED' })
  expect(cancelled.cancelledCount).toBe(1)
  const { body: operation } = await rig.api('GET', started.name.split('/').slice(-2).join('/'))
  expect(operation).toMatchObject({ done: true, error: { message: 'The execution was cancelled.' } })
  expect((await rig.api('POST', `jobs/migrate/executions/${name}:cancel`, {})).body.error.status).toBe('FAILED_PRECONDITION')
})

test('an execution that an emulator left is brought to its end by the next', async () => {
  const stateDir = makeStateDir()
  const first = await startRig({ stateDir })
  await first.settled('POST', 'jobs?jobId=migrate', job(first, 'sound', { maxRetries: 1 }))
  const { body: started } = await first.api('POST', 'jobs/migrate:run', {})
  const name = started.metadata.name.split('/').at(-1)
  await until(async () => (await first.api('GET', `jobs/migrate/executions/${name}`)).body, ({ runningCount }) => runningCount === 1)
  await first.emulator.stop()
  await using second = await startRig({ stateDir })
  const running = await until(async () => (await second.api('GET', `jobs/migrate/executions/${name}`)).body, ({ runningCount }) => runningCount === 1)
  expect(running).toMatchObject({ retriedCount: 1 })
  await second.settled('DELETE', 'jobs/migrate')
  expect((await second.api('GET', 'jobs/migrate')).status).toBe(404)
})

test.for([
  ['more retries than ten', { template: { template: { maxRetries: 11 } } }, 'job.template.template.max_retries'],
  ['a port', { template: { template: { containers: [{ image: 'i', ports: [{ containerPort: 1 }] }] } } }, 'job.template.template.containers[0].ports'],
  ['a variable of the contract', { template: { template: { containers: [{ image: 'i', env: [{ name: 'CLOUD_RUN_JOB', value: 'x' }] }] } } }, 'job.template.template.containers[0].env'],
  ['no container', { template: { template: { containers: [] } } }, 'job.template.template.containers'],
  ['more tasks at once than there are', { template: { parallelism: 2, template: { containers: [{ image: 'i' }] } } }, 'job.template.parallelism'],
] as const)('a job with %s is refused by the name of the field', async ([, change, field]) => {
  await using rig = await startRig()
  const full = job(rig, 'task')
  const body = { template: { ...full.template, ...change.template, template: { ...full.template.template, ...change.template.template } } }
  const { status, body: answer } = await rig.api('POST', 'jobs?jobId=migrate', body)
  expect([status, answer.error.details[0].fieldViolations[0].field]).toEqual([400, field])
})
