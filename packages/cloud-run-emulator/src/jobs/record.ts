import type { OperationRecord } from '../platform/record.ts'
import type { Container, Volume } from '../resource/service.ts'
import type { JsonObject } from '../resource/proto-json.ts'

/** How each task of an execution runs (TaskTemplate), as far as the emulator looks at it. */
export interface TaskTemplate {
  readonly containers?: readonly Container[]
  readonly volumes?: readonly Volume[]
  readonly maxRetries?: number
  readonly timeout?: string
  readonly serviceAccount?: string
}

export interface ExecutionTemplate {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  /** Tasks at once; absent is as many as there are. */
  readonly parallelism?: number
  readonly taskCount?: number
  readonly template: TaskTemplate
}

/** What the user wants: the fields of a job that a caller may write. */
export interface JobSpec extends JsonObject {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly template: ExecutionTemplate
}

/** A job and all of its executions, in one file. Records are values: a change makes a new one. */
export interface JobRecord {
  readonly id: string
  readonly uid: string
  readonly createTime: string
  readonly updateTime: string
  readonly generation: number
  /** Counts every change; the etag is made of it. */
  readonly version: number
  readonly spec: JobSpec
  readonly executionsMade: number
  /** Oldest first, the last few only. */
  readonly executions: readonly ExecutionRecord[]
  readonly operations: readonly JobOperation[]
}

/** Of an execution where it is named: then it ends with that. */
export interface JobOperation extends OperationRecord {
  readonly execution?: string
}

export interface ExecutionRecord {
  /** Short name. */
  readonly name: string
  readonly uid: string
  readonly createTime: string
  readonly updateTime: string
  readonly startTime?: string
  readonly completionTime?: string
  readonly isCancelled?: boolean
  /** The job's, with what the run overrides. */
  readonly template: ExecutionTemplate
  readonly tasks: readonly TaskRecord[]
}

export interface TaskRecord {
  readonly state: 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled'
  readonly uid: string
  readonly startTime?: string
  readonly completionTime?: string
  readonly retried: number
  readonly last?: AttemptResult
}

export interface AttemptResult {
  readonly exitCode?: number
  readonly termSignal?: number
  /** For a person; empty where it succeeded. */
  readonly message: string
}
