import { completeTaskContainer, completeVolumes } from '../resource/container.ts'
import { jobType, runJobType, writableJobFields } from '../resource/job-schema.ts'
import { readMessage, type JsonObject } from '../resource/proto-json.ts'
import { checkKeys, type GivenService } from '../resource/spec.ts'
import { checkRange, invalidField } from '../resource/status.ts'
import { secondsOf } from '../resource/template.ts'
import type { EnvVar } from '../resource/service.ts'
import type { ExecutionTemplate, JobSpec } from './record.ts'

/** The longest that a task may take: 168 hours. */
const longestTaskSeconds = 604_800

export function readJob(body: unknown): GivenService {
  const job = readMessage(jobType, body, 'job')
  const writable = Object.fromEntries(writableJobFields.filter((name) => job[name] !== undefined).map((name) => [name, job[name]]))
  return { writable, ...(typeof job['etag'] === 'string' ? { etag: job['etag'] } : {}) }
}

/** Checks what a caller wants and fills in defaults. The schema has vouched for the types. */
export function completeJob(given: JsonObject): JobSpec {
  const { labels, annotations, template } = given as Partial<JobSpec>
  checkKeys(labels ?? {}, 'job.labels')
  checkKeys(annotations ?? {}, 'job.annotations')
  if (template === undefined) throw invalidField('job.template', 'is required')
  return { ...given, template: completeExecution(template, 'job.template') }
}

function completeExecution(given: ExecutionTemplate, path: string): ExecutionTemplate {
  const task = given.template as ExecutionTemplate['template'] | undefined
  if (task === undefined) throw invalidField(`${path}.template`, 'is required')
  const taskCount = given.taskCount ?? 1
  checkRange(`${path}.task_count`, taskCount, 1, 10_000)
  checkRange(`${path}.parallelism`, given.parallelism ?? 0, 0, taskCount)
  const [container, second] = task.containers ?? []
  if (container === undefined) throw invalidField(`${path}.template.containers`, 'needs a container')
  if (second !== undefined) throw invalidField(`${path}.template.containers`, 'the emulator runs one container in a task, not several')
  const volumes = completeVolumes(task.volumes ?? [], `${path}.template.volumes`)
  const maxRetries = task.maxRetries ?? 3
  checkRange(`${path}.template.max_retries`, maxRetries, 0, 10)
  const timeout = task.timeout ?? '600s'
  checkRange(`${path}.template.timeout`, secondsOf(timeout), 1, longestTaskSeconds)
  return {
    ...given,
    taskCount,
    template: {
      ...task,
      ...(volumes.length === 0 ? {} : { volumes }),
      maxRetries,
      timeout,
      containers: [completeTaskContainer(container, volumes, `${path}.template.containers[0]`)],
    },
  }
}

/** What `:run` asks for besides the run itself. */
export interface RunRequest {
  readonly etag?: string
  readonly validateOnly: boolean
  readonly overrides: Overrides
}

interface Overrides {
  readonly containerOverrides?: readonly {
    readonly name?: string
    readonly args?: readonly string[]
    readonly clearArgs?: boolean
    readonly env?: readonly EnvVar[]
  }[]
  readonly taskCount?: number
  readonly timeout?: string
}

export function readRun(body: unknown): RunRequest {
  const { etag, validateOnly = false, overrides = {} } = readMessage(runJobType, body ?? {}, '') as { etag?: string; validateOnly?: boolean; overrides?: Overrides }
  return { validateOnly, overrides, ...(etag === undefined ? {} : { etag }) }
}

/** The template of one execution: the job's, with the arguments, variables, count and time-out of this run. */
export function withOverrides(template: ExecutionTemplate, { containerOverrides = [], taskCount, timeout }: Overrides): ExecutionTemplate {
  const containers = (template.template.containers ?? []).map((container) => {
    const override = containerOverrides.find(({ name }) => name === undefined || name === container.name)
    if (override === undefined) return container
    const { args, clearArgs = false, env = [] } = override
    const kept = (container.env ?? []).filter(({ name }) => !env.some((other) => other.name === name))
    return { ...container, env: [...kept, ...env], ...(clearArgs ? { args: [] } : args === undefined ? {} : { args }) }
  })
  const overridden = {
    ...template,
    ...(taskCount === undefined ? {} : { taskCount, parallelism: Math.min(template.parallelism ?? 0, taskCount) }),
    template: { ...template.template, containers, ...(timeout === undefined ? {} : { timeout }) },
  }
  return completeExecution(overridden, 'overrides')
}
