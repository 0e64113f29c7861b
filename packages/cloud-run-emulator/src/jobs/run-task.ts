import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { LaunchedContainer, Launcher } from '../instances/launcher.ts'
import { ContainerLog } from '../logs/container-log.ts'
import type { Parent } from '../resource/names.ts'
import { secondsOf } from '../resource/template.ts'
import { BoundedLog } from '../state/bounded-log.ts'
import type { AttemptResult, ExecutionRecord } from './record.ts'
import { signalNumber } from './view.ts'

export interface TaskRun {
  readonly launcher: Launcher
  readonly parent: Parent
  readonly logsDir: string
  readonly job: string
  readonly execution: ExecutionRecord
  readonly index: number
  readonly attempt: number
  /** Ends it: cancelled, or the emulator stops. */
  readonly signal: AbortSignal
}

/** How long a task has between SIGTERM and SIGKILL (container contract, "Job instance shutdown"). */
const shutdownGraceMs = 10_000

/** Runs one attempt of one task to its end. */
export async function runTask({ launcher, parent, logsDir, job, execution, index, attempt, signal }: TaskRun): Promise<AttemptResult> {
  const { taskCount = 1, template } = execution.template
  const [container = {}] = template.containers ?? []
  const directory = join(logsDir, 'jobs', job)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = new BoundedLog(join(directory, `${execution.name}.log`))
  const log = new ContainerLog(file, {
    project: parent.project,
    resource: { type: 'cloud_run_job', labels: { project_id: parent.project, location: parent.location, job_name: job } },
    labels: {
      'run.googleapis.com/execution_name': execution.name,
      'run.googleapis.com/task_index': String(index),
      'run.googleapis.com/task_attempt': String(attempt),
    },
  })
  try {
    const launch = await launcher.launch({
      container,
      volumes: template.volumes ?? [],
      // The container contract of jobs.
      env: {
        CLOUD_RUN_JOB: job,
        CLOUD_RUN_EXECUTION: execution.name,
        CLOUD_RUN_TASK_INDEX: String(index),
        CLOUD_RUN_TASK_ATTEMPT: String(attempt),
        CLOUD_RUN_TASK_COUNT: String(taskCount),
      },
      log,
    })
    if (!launch.ok) return { message: launch.failure.message }
    return await toItsEnd(launch.container, template.timeout ?? '600s', log, signal)
  } finally {
    await file.close()
  }
}

async function toItsEnd({ exited, stop }: LaunchedContainer, timeout: string, log: ContainerLog, signal: AbortSignal): Promise<AttemptResult> {
  const ended = new AbortController()
  const limit = AbortSignal.any([signal, ended.signal])
  const deadline = delay(secondsOf(timeout) * 1000, 'timed-out' as const, { signal: limit }).catch(() => 'stopped' as const)
  const first = await Promise.race([exited, deadline])
  ended.abort()
  if (first === 'timed-out' || first === 'stopped') {
    await stop(shutdownGraceMs)
    return {
      message: first === 'stopped' ? 'The task was cancelled.' : `The configured timeout of ${timeout} was reached.`,
      termSignal: signalNumber('SIGTERM') ?? 15,
    }
  }
  if (first.signal !== undefined) {
    const termSignal = signalNumber(first.signal)
    return { message: `The container was terminated by signal ${first.signal}.${printed(log)}`, ...(termSignal === undefined ? {} : { termSignal }) }
  }
  const exitCode = first.code ?? 0
  return { exitCode, message: exitCode === 0 ? '' : `The container exited with code ${exitCode}.${printed(log)}` }
}

const printed = (log: ContainerLog): string => (log.last.text === '' ? ' It printed nothing.' : `\nIts last log lines:\n${log.last.text}`)
