import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ImageError } from '@shiplock/image'
import { escapeControls } from '../escape.ts'
import type { ContainerLog } from '../logs/container-log.ts'
import type { StartFailure } from '../platform/record.ts'
import { digestOfReference } from '../resource/names.ts'
import type { Container, Volume } from '../resource/service.ts'
import { ApiError } from '../resource/status.ts'
import { composeProcess } from './container-process.ts'
import type { ImageSource } from './image-source.ts'
import { watchMemory } from './memory-watch.ts'
import type { ProcessRecords } from './process-records.ts'
import { limitsOf } from './quantity.ts'
import { RuntimeLimit, type Address, type ExitStatus, type RunRequest, type Runtime } from './runtime.ts'
import { environmentOf, mountsOf, type SecretAccess } from './secret-values.ts'

export interface LauncherOptions {
  readonly runtime: Runtime
  readonly images: ImageSource
  readonly records: ProcessRecords
  /** Where instances get a directory of their own. */
  readonly runDir: string
  readonly secrets: SecretAccess
}

export interface LaunchRequest {
  readonly container: Container
  readonly volumes: readonly Volume[]
  /** What the platform sets; the template may not. */
  readonly env: Readonly<Record<string, string>>
  readonly port?: RunRequest['port']
  readonly log: ContainerLog
}

export interface LaunchedContainer {
  readonly address?: Address
  readonly exited: Promise<ExitStatus>
  kill(): void
  /** SIGTERM, and SIGKILL after the grace; fulfils when it has ended. */
  stop(graceMs: number): Promise<ExitStatus>
}

export type Launch = { readonly ok: true; readonly container: LaunchedContainer } | { readonly ok: false; readonly failure: StartFailure }

/** Starts containers of services and jobs: finds the image, resolves secrets, follows what they print, watches their memory. */
export class Launcher {
  readonly #options: LauncherOptions

  constructor(options: LauncherOptions) {
    this.#options = options
  }

  get network(): Runtime['network'] {
    return this.#options.runtime.network
  }

  get images(): ImageSource {
    return this.#options.images
  }

  async launch(request: LaunchRequest): Promise<Launch> {
    try {
      return await this.#launch(request)
    } catch (error) {
      if (error instanceof ApiError) return failed('secret-unavailable', error.message)
      if (error instanceof RuntimeLimit) return failed('container-failed', error.message)
      if (error instanceof ImageError && error.code.startsWith('registry-'))
        return failed('image-missing', `Image '${escapeControls(request.container.image ?? '')}' could not be pulled: ${error.message}`)
      // An image that is damaged, a disk that is full: this container's failure, not the emulator's end.
      return failed('internal', `The instance could not be started: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  async #launch({ container, volumes, env, port, log }: LaunchRequest): Promise<Launch> {
    const { runtime, images, records, runDir, secrets } = this.#options
    const reference = container.image ?? ''
    const digest = digestOfReference(reference)
    const image = digest === undefined ? undefined : await images.find(digest, reference)
    if (image === undefined) {
      const hint = digest === undefined ? ' (The emulator finds images by digest: the reference must end in @sha256:….)' : ''
      return failed('image-missing', `Image '${escapeControls(reference)}' not found.${hint}`)
    }
    const process = composeProcess(image.config.run, container, { ...environmentOf(container, secrets), ...env })
    if (process === undefined) return failed('container-failed', 'The image has no entry point and the template no command.')
    const mounts = mountsOf(container, volumes, secrets)
    const limits = limitsOf(container)
    const scratchDir = join(runDir, randomUUID())
    mkdirSync(scratchDir, { recursive: true, mode: 0o755 })
    try {
      const running = await runtime.start({ image, process, mounts, limits, scratchDir, ...(port === undefined ? {} : { port }) })
      const { pid } = running
      if (pid !== undefined) records.add(pid)
      for (const name of ['stdout', 'stderr'] as const) running[name].on('data', (chunk: Buffer) => log.add(name, chunk))
      const drained = Promise.all([running.stdout, running.stderr].map(async (stream) => ended(stream)))
      const exceeded = `Memory limit of ${mebibytes(limits.memoryBytes)} MiB exceeded`
      const watch =
        runtime.limitsMemory || pid === undefined
          ? undefined
          : watchMemory(pid, limits.memoryBytes, (used) => {
              log.system(`${exceeded} with ${mebibytes(used)} MiB used. Consider increasing the memory limit.`, 'ERROR')
              running.signal('SIGKILL')
            })
      const exited = running.exited.then(async (status) => {
        watch?.[Symbol.dispose]()
        if (pid !== undefined) records.remove(pid)
        if (status.ranOutOfMemory === true) log.system(`${exceeded}. Consider increasing the memory limit.`, 'ERROR')
        // What was printed last may still be in the pipe. A child that outlives the program keeps it open: no longer wait.
        await Promise.race([drained, delay(200)])
        log.end()
        rmSync(scratchDir, { recursive: true, force: true })
        return status
      })
      const stop = async (graceMs: number) => {
        running.signal('SIGTERM')
        const timer = setTimeout(() => running.signal('SIGKILL'), graceMs)
        return exited.finally(() => clearTimeout(timer))
      }
      return { ok: true, container: { ...(running.address === undefined ? {} : { address: running.address }), exited, kill: () => running.signal('SIGKILL'), stop } }
    } catch (error) {
      rmSync(scratchDir, { recursive: true, force: true })
      throw error
    }
  }
}

const failed = (reason: StartFailure['reason'], message: string): Launch => ({ ok: false, failure: { reason, message } })
const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20)

function ended(stream: NodeJS.ReadableStream): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  stream.once('close', resolve)
  return promise
}
