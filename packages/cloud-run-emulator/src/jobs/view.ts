import { constants } from 'node:os'
import { parentName, type Parent } from '../resource/names.ts'
import type { JsonObject } from '../resource/proto-json.ts'
import type { Condition } from '../resource/service.ts'
import { etagOf } from '../platform/view.ts'
import type { AttemptResult, ExecutionRecord, JobRecord, TaskRecord } from './record.ts'

export const jobName = (parent: Parent, job: string): string => `${parentName(parent)}/jobs/${job}`
export const executionName = (parent: Parent, job: string, execution: string): string => `${jobName(parent, job)}/executions/${execution}`

/** A job as the API shows it, in canonical form. */
export function viewJob(record: JobRecord, parent: Parent): JsonObject {
  const latest = record.executions.at(-1)
  const ready = { type: 'Ready', state: 'CONDITION_SUCCEEDED', lastTransitionTime: record.updateTime } as const
  return {
    name: jobName(parent, record.id),
    uid: record.uid,
    generation: String(record.generation),
    observedGeneration: String(record.generation),
    ...record.spec,
    createTime: record.createTime,
    updateTime: record.updateTime,
    launchStage: 'GA',
    terminalCondition: ready,
    ...(record.executionsMade === 0 ? {} : { executionCount: record.executionsMade }),
    ...(latest === undefined ? {} : { latestCreatedExecution: viewReference(record, latest, parent) }),
    etag: etagOf(record.uid, record.version),
  }
}

function viewReference({ id }: JobRecord, execution: ExecutionRecord, parent: Parent): JsonObject {
  return {
    name: executionName(parent, id, execution.name),
    createTime: execution.createTime,
    ...(execution.completionTime === undefined ? {} : { completionTime: execution.completionTime }),
    completionStatus: `EXECUTION_${stateOf(execution)}`,
  }
}

/** Without a completion time it runs, or is about to. */
export function stateOf({ completionTime, startTime, isCancelled = false, tasks }: ExecutionRecord): 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED' {
  if (completionTime === undefined) return startTime === undefined ? 'PENDING' : 'RUNNING'
  if (isCancelled) return 'CANCELLED'
  return tasks.every(({ state }) => state === 'succeeded') ? 'SUCCEEDED' : 'FAILED'
}

/** Why an execution did not succeed; `undefined` where it did, or is not over. */
export function executionFailure(execution: ExecutionRecord): string | undefined {
  switch (stateOf(execution)) {
    case 'CANCELLED':
      return 'The execution was cancelled.'
    case 'FAILED': {
      const index = execution.tasks.findIndex(({ state }) => state === 'failed')
      return `Task ${execution.name}-task${index} failed with message: ${execution.tasks[index]?.last?.message ?? ''}`
    }
    default:
      return undefined
  }
}

export function viewExecution(record: JobRecord, execution: ExecutionRecord, parent: Parent): JsonObject {
  const { tasks, template } = execution
  const count = (state: TaskRecord['state']) => tasks.filter((task) => task.state === state).length
  const counts = {
    runningCount: count('running'),
    succeededCount: count('succeeded'),
    failedCount: count('failed'),
    cancelledCount: count('cancelled'),
    retriedCount: tasks.reduce((sum, { retried }) => sum + retried, 0),
  }
  const state = stateOf(execution)
  const isOver = execution.completionTime !== undefined
  const { labels, annotations, parallelism, taskCount, template: task } = template
  return {
    name: executionName(parent, record.id, execution.name),
    uid: execution.uid,
    generation: '1',
    observedGeneration: '1',
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    createTime: execution.createTime,
    updateTime: execution.updateTime,
    ...(execution.startTime === undefined ? {} : { startTime: execution.startTime }),
    ...(isOver ? { completionTime: execution.completionTime } : { reconciling: true }),
    launchStage: 'GA',
    job: record.id,
    ...(parallelism === undefined ? {} : { parallelism }),
    taskCount,
    template: task,
    conditions: executionConditions(execution, state),
    ...Object.fromEntries(Object.entries(counts).filter(([, value]) => value > 0)),
    etag: etagOf(execution.uid, `${state} ${JSON.stringify(counts)}`),
  }
}

function executionConditions(execution: ExecutionRecord, state: ReturnType<typeof stateOf>): readonly Condition[] {
  const at = { lastTransitionTime: execution.completionTime ?? execution.updateTime }
  const message = executionFailure(execution)
  const completed: Condition =
    message !== undefined
      ? { type: 'Completed', state: 'CONDITION_FAILED', message, executionReason: state === 'CANCELLED' ? 'CANCELLED' : 'NON_ZERO_EXIT_CODE', ...at }
      : { type: 'Completed', state: state === 'SUCCEEDED' ? 'CONDITION_SUCCEEDED' : 'CONDITION_RECONCILING', ...at }
  const started = execution.startTime === undefined ? 'CONDITION_RECONCILING' : 'CONDITION_SUCCEEDED'
  return [completed, ...['ResourcesAvailable', 'Started', 'ContainerReady'].map((type): Condition => ({ type, state: started, ...at }))]
}

export function viewTask(record: JobRecord, execution: ExecutionRecord, index: number, parent: Parent): JsonObject {
  const { state, uid, startTime, completionTime, retried, last } = execution.tasks[index]!
  const at = { lastTransitionTime: completionTime ?? execution.updateTime }
  const condition: Condition =
    state === 'failed' || state === 'cancelled'
      ? { type: 'Completed', state: 'CONDITION_FAILED', message: last?.message ?? 'The task was cancelled.', executionReason: state === 'failed' ? 'NON_ZERO_EXIT_CODE' : 'CANCELLED', ...at }
      : { type: 'Completed', state: state === 'succeeded' ? 'CONDITION_SUCCEEDED' : 'CONDITION_RECONCILING', ...at }
  return {
    name: `${executionName(parent, record.id, execution.name)}/tasks/${execution.name}-task${index}`,
    uid,
    generation: '1',
    observedGeneration: '1',
    createTime: execution.createTime,
    updateTime: execution.updateTime,
    ...(startTime === undefined ? {} : { startTime }),
    ...(completionTime === undefined ? { reconciling: true } : { completionTime }),
    job: record.id,
    execution: execution.name,
    ...execution.template.template,
    conditions: [condition],
    ...(index === 0 ? {} : { index }),
    ...(retried === 0 ? {} : { retried }),
    ...(last === undefined ? {} : { lastAttemptResult: viewAttempt(last) }),
    etag: etagOf(uid, `${state} ${retried}`),
  }
}

function viewAttempt({ exitCode, termSignal, message }: AttemptResult): JsonObject {
  return {
    ...(message === '' ? {} : { status: { code: 2, message } }),
    ...(exitCode === undefined || exitCode === 0 ? {} : { exitCode }),
    ...(termSignal === undefined ? {} : { termSignal }),
  }
}

/** The number of a signal by its name. */
export function signalNumber(name: string): number | undefined {
  return (constants.signals as Readonly<Record<string, number>>)[name]
}
