import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Launcher } from '../instances/launcher.ts'
import type { Changes } from '../platform/changes.ts'
import type { PlatformOperation, WriteOptions } from '../platform/platform.ts'
import { conflict, notFound } from '../platform/refusals.ts'
import { etagOf } from '../platform/view.ts'
import { applyFieldMask } from '../resource/field-mask.ts'
import { jobType } from '../resource/job-schema.ts'
import { isServiceId, randomSuffix, type Parent } from '../resource/names.ts'
import type { JsonObject } from '../resource/proto-json.ts'
import type { GivenService } from '../resource/spec.ts'
import { ApiError, invalidField, type RpcStatus } from '../resource/status.ts'
import type { RecordStore } from '../state/record-store.ts'
import type { AttemptResult, ExecutionRecord, JobOperation, JobRecord, TaskRecord } from './record.ts'
import { runTask } from './run-task.ts'
import { completeJob, withOverrides, type RunRequest } from './spec.ts'
import { executionFailure, jobName, viewExecution, viewJob } from './view.ts'

export interface JobsOptions {
  readonly parent: Parent
  readonly launcher: Launcher
  readonly store: RecordStore<JobRecord>
  readonly changes: Changes
  readonly logsDir: string
  /** Tasks that run at once on this machine, at most. */
  readonly maxTasks: number
}

const executionsKept = 100
const operationsKept = 50

/** Cloud Run jobs: holds them, runs their executions task by task, and brings those to their end that an emulator before this one left. */
export class Jobs {
  readonly #options: JobsOptions
  readonly #jobs = new Map<string, JobRecord>()
  /** Operations on jobs and executions that are gone. */
  readonly #detached = new Map<string, PlatformOperation>()
  /** Executions that run, by job and name. */
  readonly #running = new Map<string, { readonly cancel: AbortController; readonly done: Promise<void> }>()
  #isClosed = false

  constructor(options: JobsOptions) {
    this.#options = options
    for (const record of options.store.load()) this.#jobs.set(record.id, record)
  }

  /** Goes on with what was not over: an attempt that was cut off counts as failed, as when Cloud Run loses an instance. */
  open(): void {
    for (const { id, executions } of this.#jobs.values()) {
      for (const { name } of executions.filter(({ completionTime }) => completionTime === undefined)) {
        const cutOff = (task: TaskRecord): TaskRecord => (task.state === 'running' ? afterAttempt(task, { message: 'The emulator ended while the task ran.' }) : task)
        this.#change(id, name, (execution) => ({ ...execution, tasks: execution.tasks.map(cutOff) }))
        this.#run(id, name)
      }
    }
  }

  /** Cuts off what runs; it goes on at the next start. */
  async close(): Promise<void> {
    this.#isClosed = true
    const running = [...this.#running.values()]
    for (const { cancel } of running) cancel.abort()
    await Promise.all(running.map(async ({ done }) => done))
  }

  list(): readonly JobRecord[] {
    return [...this.#jobs.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
  }

  find(id: string): JobRecord | undefined {
    return this.#jobs.get(id)
  }

  /** The job, or NOT_FOUND. */
  job(id: string): JobRecord {
    const record = this.#jobs.get(id)
    if (record === undefined) throw notFound(this.#options.parent, 'JOB', id)
    return record
  }

  /** The execution, or NOT_FOUND. */
  execution(job: string, name: string): ExecutionRecord {
    const execution = this.job(job).executions.find((candidate) => candidate.name === name)
    if (execution === undefined) throw notFound(this.#options.parent, 'EXECUTION', name)
    return execution
  }

  create(id: string, given: GivenService, { validateOnly = false }: WriteOptions = {}): PlatformOperation {
    this.#refuseWhenClosed()
    if (!isServiceId(id))
      throw invalidField('job_id', 'must begin with a letter, hold lower-case letters, digits and hyphens, not end with a hyphen, and be shorter than 50 characters')
    if (this.#jobs.has(id)) throw new ApiError('ALREADY_EXISTS', `Resource '${id}' already exists.`)
    const now = timestamp()
    const record: JobRecord = {
      id,
      uid: randomUUID(),
      createTime: now,
      updateTime: now,
      generation: 1,
      version: 0,
      spec: completeJob(given.writable),
      executionsMade: 0,
      executions: [],
      operations: [],
    }
    return this.#write(record, validateOnly)
  }

  update(id: string, given: GivenService, mask: string | undefined, { validateOnly = false }: WriteOptions = {}): PlatformOperation {
    this.#refuseWhenClosed()
    const current = this.job(id)
    this.#checkEtag(current, given.etag)
    const spec = completeJob(applyFieldMask(jobType, current.spec, given.writable, mask))
    if (isDeepStrictEqual(spec, current.spec)) return this.#write(current, validateOnly)
    return this.#write({ ...current, spec, generation: current.generation + 1, updateTime: timestamp() }, validateOnly)
  }

  delete(id: string, etag: string | undefined, { validateOnly = false }: WriteOptions = {}): PlatformOperation {
    this.#refuseWhenClosed()
    const record = this.job(id)
    this.#checkEtag(record, etag)
    const view = viewJob(record, this.#options.parent)
    if (validateOnly) return finished('Job', view)
    this.#jobs.delete(id)
    this.#options.store.remove(id)
    for (const { name } of record.executions) this.#running.get(`${id}/${name}`)?.cancel.abort()
    return this.#detach('Job', { ...view, deleteTime: timestamp() })
  }

  /** Makes an execution; its operation ends with it. */
  run(id: string, { etag, validateOnly, overrides }: RunRequest): PlatformOperation {
    this.#refuseWhenClosed()
    const record = this.job(id)
    this.#checkEtag(record, etag)
    const template = withOverrides(record.spec.template, overrides)
    const now = timestamp()
    const execution: ExecutionRecord = {
      name: `${id}-${randomSuffix(5)}`,
      uid: randomUUID(),
      createTime: now,
      updateTime: now,
      template,
      tasks: Array.from({ length: template.taskCount ?? 1 }, () => ({ state: 'pending', uid: randomUUID(), retried: 0 })),
    }
    if (validateOnly) return finished('Execution', viewExecution(record, execution, this.#options.parent))
    const operation: JobOperation = { id: randomUUID(), generation: record.generation, execution: execution.name }
    const isOver = ({ completionTime }: ExecutionRecord) => completionTime !== undefined
    const dropped = new Set(record.executions.filter(isOver).slice(0, Math.max(0, record.executions.length + 1 - executionsKept)))
    this.#save({
      ...record,
      executionsMade: record.executionsMade + 1,
      executions: [...record.executions.filter((other) => !dropped.has(other)), execution],
      operations: [...record.operations, operation].slice(-operationsKept),
    })
    this.#run(id, execution.name)
    return this.#operationOf(this.job(id), operation)
  }

  /** Ends an execution; the operation is over when its tasks have ended. */
  cancel(job: string, name: string, { validateOnly = false }: WriteOptions = {}): PlatformOperation {
    this.#refuseWhenClosed()
    const execution = this.execution(job, name)
    if (execution.completionTime !== undefined) throw new ApiError('FAILED_PRECONDITION', `The execution '${name}' is over.`)
    if (validateOnly) return finished('Execution', viewExecution(this.job(job), execution, this.#options.parent))
    this.#change(job, name, (current) => ({ ...current, isCancelled: true }))
    const record = this.job(job)
    const operation: JobOperation = { id: randomUUID(), generation: record.generation, execution: name }
    this.#save({ ...record, operations: [...record.operations, operation].slice(-operationsKept) })
    this.#running.get(`${job}/${name}`)?.cancel.abort()
    return this.#operationOf(this.job(job), operation)
  }

  deleteExecution(job: string, name: string, { validateOnly = false }: WriteOptions = {}): PlatformOperation {
    this.#refuseWhenClosed()
    const execution = this.execution(job, name)
    const record = this.job(job)
    const view = viewExecution(record, execution, this.#options.parent)
    if (validateOnly) return finished('Execution', view)
    this.#save({ ...record, executions: record.executions.filter((other) => other !== execution) })
    this.#running.get(`${job}/${name}`)?.cancel.abort()
    return this.#detach('Execution', { ...view, deleteTime: timestamp() })
  }

  operation(id: string): PlatformOperation | undefined {
    return this.#detached.get(id) ?? this.operations().find(({ operation }) => operation.id === id)
  }

  operations(): readonly PlatformOperation[] {
    const attached = [...this.#jobs.values()].flatMap((record) => record.operations.map((operation) => this.#operationOf(record, operation)))
    return [...attached, ...this.#detached.values()]
  }

  #operationOf(record: JobRecord, operation: JobOperation): PlatformOperation {
    const { parent } = this.#options
    const execution = record.executions.find(({ name }) => name === operation.execution)
    if (operation.execution === undefined) return { operation, about: 'Job', metadata: viewJob(record, parent) }
    if (execution === undefined)
      return { operation: { ...operation, result: { error: failedWith('The execution was deleted.') } }, about: 'Execution', metadata: {} }
    const metadata = viewExecution(record, execution, parent)
    if (execution.completionTime === undefined) return { operation, about: 'Execution', metadata }
    const failure = executionFailure(execution)
    // Whoever cancelled it wanted that; whoever ran it did not get what it wanted.
    const wasCancelling = failure !== undefined && execution.isCancelled === true && operation !== record.operations.find((first) => first.execution === execution.name)
    const result = failure === undefined || wasCancelling ? { response: metadata } : { error: failedWith(failure) }
    return { operation: { ...operation, result }, about: 'Execution', metadata }
  }

  #run(job: string, name: string): void {
    const cancel = new AbortController()
    const done = this.#runTasks(job, name, cancel.signal).finally(() => this.#running.delete(`${job}/${name}`))
    this.#running.set(`${job}/${name}`, { cancel, done })
  }

  async #runTasks(job: string, name: string, signal: AbortSignal): Promise<void> {
    // The caller is answered first.
    await Promise.resolve()
    const { template, tasks, startTime = timestamp() } = this.execution(job, name)
    this.#change(job, name, (execution) => ({ ...execution, startTime }))
    const waiting = tasks.keys()
    const { parallelism = 0 } = template
    const atOnce = Math.min(parallelism === 0 ? tasks.length : parallelism, this.#options.maxTasks)
    const worker = async () => {
      for (const index of waiting) await this.#runTask(job, name, index, signal)
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    // An emulator that stops leaves it as it is, for the next one.
    if (this.#isClosed) return
    this.#change(job, name, (execution) => ({ ...execution, completionTime: timestamp() }))
  }

  async #runTask(job: string, name: string, index: number, signal: AbortSignal): Promise<void> {
    const { parent, launcher, logsDir } = this.#options
    for (;;) {
      const execution = this.#jobs.get(job)?.executions.find((candidate) => candidate.name === name)
      const task = execution?.tasks[index]
      if (execution === undefined || task === undefined || !['pending', 'running'].includes(task.state) || this.#isClosed) return
      if (signal.aborted) return this.#changeTask(job, name, index, (current) => ({ ...current, state: 'cancelled', completionTime: timestamp() }))
      const maxRetries = execution.template.template.maxRetries ?? 3
      if (task.last !== undefined && task.retried > maxRetries)
        return this.#changeTask(job, name, index, (current) => ({ ...current, state: 'failed', retried: maxRetries, completionTime: timestamp() }))
      this.#changeTask(job, name, index, (current) => ({ ...current, state: 'running', startTime: current.startTime ?? timestamp() }))
      const result = await runTask({ launcher, parent, logsDir, job, execution, index, attempt: task.retried, signal })
      // Cut off by the emulator's end: still running, as far as the next one is concerned.
      if (this.#isClosed) return
      if (result.message === '')
        return this.#changeTask(job, name, index, (current) => ({ ...current, state: 'succeeded', last: result, completionTime: timestamp() }))
      if (!signal.aborted) this.#changeTask(job, name, index, (current) => afterAttempt(current, result))
    }
  }

  #changeTask(job: string, name: string, index: number, change: (task: TaskRecord) => TaskRecord): void {
    this.#change(job, name, (execution) => ({ ...execution, tasks: execution.tasks.map((task, at) => (at === index ? change(task) : task)) }))
  }

  /** Nothing where the job or the execution has been deleted meanwhile. */
  #change(job: string, name: string, change: (execution: ExecutionRecord) => ExecutionRecord): void {
    const record = this.#jobs.get(job)
    if (record === undefined) return
    const executions = record.executions.map((execution) => (execution.name === name ? { ...change(execution), updateTime: timestamp() } : execution))
    this.#save({ ...record, executions })
  }

  #write(record: JobRecord, validateOnly: boolean): PlatformOperation {
    const { parent } = this.#options
    if (validateOnly) return finished('Job', viewJob(record, parent))
    const response = viewJob({ ...record, version: record.version + 1 }, parent)
    const operation: JobOperation = { id: randomUUID(), generation: record.generation, result: { response } }
    this.#save({ ...record, operations: [...record.operations, operation].slice(-operationsKept) })
    return this.#operationOf(this.job(record.id), operation)
  }

  #detach(about: 'Job' | 'Execution', metadata: JsonObject): PlatformOperation {
    const made = finished(about, metadata)
    this.#detached.set(made.operation.id, made)
    const oldest = this.#detached.keys().next().value
    if (this.#detached.size > operationsKept && oldest !== undefined) this.#detached.delete(oldest)
    this.#options.changes.notify()
    return made
  }

  #save(record: JobRecord): void {
    const saved = { ...record, version: record.version + 1 }
    this.#options.store.save(saved)
    this.#jobs.set(saved.id, saved)
    this.#options.changes.notify()
  }

  #checkEtag(record: JobRecord, etag: string | undefined): void {
    const current = etagOf(record.uid, record.version)
    if (etag !== undefined && etag !== current) throw conflict(jobName(this.#options.parent, record.id), etag, current)
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed) throw new ApiError('UNAVAILABLE', 'The emulator is stopping.')
  }
}

const timestamp = () => new Date().toISOString()

/** Ready for the next attempt; the loop that runs it sees whether there is one left. */
const afterAttempt = (task: TaskRecord, last: AttemptResult): TaskRecord => ({ ...task, last, retried: task.retried + 1 })

const failedWith = (message: string): RpcStatus => new ApiError('FAILED_PRECONDITION', message).toRpcStatus()

function finished(about: 'Job' | 'Execution', view: JsonObject): PlatformOperation {
  return { operation: { id: randomUUID(), generation: 1, result: { response: view } }, about, metadata: view }
}
