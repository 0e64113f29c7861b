import { readJob, readRun } from '../jobs/spec.ts'
import { viewExecution, viewJob, viewTask } from '../jobs/view.ts'
import { notFound } from '../platform/refusals.ts'
import { executionType, jobType, taskType } from '../resource/job-schema.ts'
import { writeMessage } from '../resource/proto-json.ts'
import { invalidField } from '../resource/status.ts'
import { flag, page, parameter, type Call, type Handler } from './call.ts'
import { writeOperation } from './operations.ts'

/** `projects.locations.jobs` and what is below (google.cloud.run.v2.Jobs, Executions, Tasks). */
export const createJob: Handler = (call) => {
  const id = parameter(call, 'jobId')
  if (id === undefined) throw invalidField('job_id', 'is required')
  return writeOperation(call, call.jobs.create(id, readJob(call.body), optionsOf(call)))
}

export const getJob: Handler = (call) => writeMessage(jobType, viewJob(call.jobs.job(jobOf(call)), parentOf(call)), call.enums)

export const listJobs: Handler = (call) => {
  const { items, ...more } = page(call, call.jobs.list())
  return { jobs: items.map((record) => writeMessage(jobType, viewJob(record, parentOf(call)), call.enums)), ...more }
}

export const updateJob: Handler = (call) => {
  const id = jobOf(call)
  const given = readJob(call.body)
  const isNew = flag(call, 'allowMissing') && call.jobs.find(id) === undefined
  const operation = isNew ? call.jobs.create(id, given, optionsOf(call)) : call.jobs.update(id, given, parameter(call, 'updateMask'), optionsOf(call))
  return writeOperation(call, operation)
}

export const deleteJob: Handler = (call) => writeOperation(call, call.jobs.delete(jobOf(call), parameter(call, 'etag'), optionsOf(call)))

export const runJob: Handler = (call) => writeOperation(call, call.jobs.run(jobOf(call), readRun(call.body)))

export const getExecution: Handler = (call) => {
  const execution = call.jobs.execution(jobOf(call), executionOf(call))
  return writeMessage(executionType, viewExecution(call.jobs.job(jobOf(call)), execution, parentOf(call)), call.enums)
}

/** Newest first. */
export const listExecutions: Handler = (call) => {
  const record = call.jobs.job(jobOf(call))
  const { items, ...more } = page(call, record.executions.toReversed())
  return { executions: items.map((execution) => writeMessage(executionType, viewExecution(record, execution, parentOf(call)), call.enums)), ...more }
}

export const deleteExecution: Handler = (call) => writeOperation(call, call.jobs.deleteExecution(jobOf(call), executionOf(call), optionsOf(call)))

export const cancelExecution: Handler = (call) => writeOperation(call, call.jobs.cancel(jobOf(call), executionOf(call), optionsOf(call)))

export const listTasks: Handler = (call) => {
  const record = call.jobs.job(jobOf(call))
  const execution = call.jobs.execution(record.id, executionOf(call))
  const { items, ...more } = page(call, [...execution.tasks.keys()])
  return { tasks: items.map((index) => writeMessage(taskType, viewTask(record, execution, index, parentOf(call)), call.enums)), ...more }
}

export const getTask: Handler = (call) => {
  const record = call.jobs.job(jobOf(call))
  const execution = call.jobs.execution(record.id, executionOf(call))
  const name = call.path['task'] ?? ''
  const index = execution.tasks.findIndex((_, at) => `${execution.name}-task${at}` === name)
  if (index < 0) throw notFound(parentOf(call), 'TASK', name)
  return writeMessage(taskType, viewTask(record, execution, index, parentOf(call)), call.enums)
}

const jobOf = ({ path }: Call) => path['job'] ?? ''
const executionOf = ({ path }: Call) => path['execution'] ?? ''
const parentOf = ({ platform }: Call) => platform.place.parent
const optionsOf = (call: Call) => ({ validateOnly: flag(call, 'validateOnly') })
