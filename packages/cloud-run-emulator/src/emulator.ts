import { join } from 'node:path'
import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { createAdminApi } from './api/admin-api.ts'
import { EmulatorError } from './error.ts'
import { Front } from './front/front.ts'
import { chooseRuntime } from './instances/choose-runtime.ts'
import { layoutImages, pulledImages } from './instances/image-source.ts'
import { Launcher } from './instances/launcher.ts'
import { InstancePool } from './instances/pool.ts'
import { openProcessRecords } from './instances/process-records.ts'
import type { RuntimeName } from './instances/runtime.ts'
import { Jobs } from './jobs/jobs.ts'
import { listen } from './listen.ts'
import { Metrics } from './metrics/metrics.ts'
import { Changes } from './platform/changes.ts'
import { Platform } from './platform/platform.ts'
import { isLabel } from './resource/names.ts'
import { secretAccess } from './secrets/secret-reference.ts'
import { SecretStore } from './secrets/secret-store.ts'
import { BoundedLog } from './state/bounded-log.ts'
import { openRecordStore } from './state/record-store.ts'
import { openStateDirectory, openToken } from './state/state-directory.ts'

export interface EmulatorOptions {
  /** Made where it is missing; one emulator at a time works on it. */
  readonly stateDir: string
  /** The OCI image layout in which the images of templates are looked up by digest. */
  readonly layoutDir: string
  /** Where images are unpacked: in the state directory unless said otherwise. One that is given may be shared and is never pruned. */
  readonly imagesDir?: string
  /** 8080 unless said otherwise; 0 takes any. */
  readonly frontPort?: number
  /** Any unless said otherwise. */
  readonly adminPort?: number
  readonly project?: string
  readonly location?: string
  readonly runtime?: RuntimeName | 'auto'
  /** Whether images that the layout does not have are pulled from the registry that their reference names: not unless said. */
  readonly pull?: boolean
  /** How long an instance that gets no requests is kept beyond the least that there must be: 15 minutes unless said otherwise. */
  readonly idleSeconds?: number
  /** The most instances that a revision may have here, whatever its template says: four for each core unless said otherwise. */
  readonly maxInstances?: number
  /** Sentences about what happens on its own account: an instance that ended, one that can be reached from outside. */
  readonly onNotice?: (text: string) => void
  /** In [0, 1), drawn for each request that is to be split. */
  readonly random?: () => number
}

export interface Emulator {
  /** `url` without a path; `tokenFile` holds what goes into `Authorization: Bearer`. */
  readonly admin: { readonly url: string; readonly tokenFile: string }
  readonly front: { readonly url: string }
  readonly project: string
  readonly location: string
  readonly runtime: RuntimeName
  /** What is not as in Cloud Run here, one plain sentence each. */
  readonly limitations: readonly string[]
  /** Lets requests in flight finish, ends the instances, and lets go of ports and state. Services stay and come back at the next start. */
  stop(): Promise<void>
}

const drainMs = 10_000
const orphanGraceMs = 2_000

/** Starts a Cloud Run on loopback. Throws `EmulatorError`; then nothing of it is left. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { stateDir, layoutDir, frontPort = 8080, adminPort = 0, project = 'local', location = 'local', random = Math.random } = options
  const { idleSeconds = 900, maxInstances = availableParallelism() * 4 } = options
  const onNotice = options.onNotice ?? (() => {})
  for (const [name, value] of Object.entries({ project, location })) {
    if (!isLabel(value)) throw new EmulatorError('options-invalid', `The ${name} ${JSON.stringify(value)} is not a lower-case name`)
  }
  mkdirSync(stateDir, { recursive: true })
  const state = openStateDirectory(stateDir)
  try {
    const imagesDir = options.imagesDir ?? state.images
    mkdirSync(imagesDir, { recursive: true })
    const token = openToken(state.tokenFile)
    const records = openProcessRecords(state.processes)
    const orphans = await records.endOrphans(orphanGraceMs)
    if (orphans > 0)
      onNotice(
        `${orphans} ${orphans === 1 ? 'process' : 'processes'} of an emulator that was killed ${orphans === 1 ? 'was' : 'were'} ended.`,
      )
    const runtime = await chooseRuntime(options.runtime ?? 'auto', { imagesDir, runDir: state.run, stateDir: state.root })
    const parent = { project, location }
    const changes = new Changes()
    const secrets = new SecretStore(state.secrets)
    const layout = layoutImages(layoutDir, imagesDir, options.imagesDir !== undefined)
    const launcher = new Launcher({
      runtime,
      images: options.pull === true ? pulledImages(layout, state.pulled, imagesDir) : layout,
      records,
      runDir: state.run,
      secrets: secretAccess(secrets, project),
    })
    const metrics = new Metrics(parent, () => pool.gauges())
    const pool = new InstancePool({
      launcher,
      parent,
      logsDir: state.logs,
      maxInstances,
      idleMs: idleSeconds * 1000,
      metrics,
      scalingOf: (service) => platform.find(service)?.spec.scaling ?? {},
      onChange: (service) => platform.settle(service),
      onNotice,
    })
    let frontUrl = ''
    const uriOf = (label: string) => frontUrl.replace('127.0.0.1', `${label}.localhost`)
    const platform: Platform = new Platform({ parent, uriOf }, pool, openRecordStore(state.services), changes)
    const jobs = new Jobs({ parent, launcher, store: openRecordStore(state.jobs), changes, logsDir: state.logs, maxTasks: availableParallelism() })
    const requestLog = new BoundedLog(join(state.logs, 'requests.log'))
    const onBug = (error: unknown) => onNotice(`Bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    const front = new Front({ platform, lease: (...wanted) => pool.lease(...wanted), token, requestLog, metrics, random, onBug })
    const admin = createAdminApi({ platform, jobs, secrets, changes, metrics, token, onBug })
    const stop = async () => {
      platform.close()
      const jobsEnd = jobs.close()
      await front.close(drainMs)
      admin.close()
      admin.closeAllConnections()
      await Promise.all([pool.close(), jobsEnd])
      await requestLog.close()
      state[Symbol.dispose]()
    }
    try {
      const adminUrl = `http://127.0.0.1:${await listen(admin, adminPort, 'the Admin API')}`
      frontUrl = `http://127.0.0.1:${await listen(front.server, frontPort, 'the front')}`
      platform.open()
      jobs.open()
      let stopping: Promise<void> | undefined
      return {
        admin: { url: adminUrl, tokenFile: state.tokenFile },
        front: { url: frontUrl },
        project,
        location,
        runtime: runtime.name,
        limitations: [...runtime.limitations, `A revision has at most ${maxInstances} instances here, whatever its template says.`],
        stop: () => (stopping ??= stop()),
      }
    } catch (error) {
      await stop()
      throw error
    }
  } catch (error) {
    state[Symbol.dispose]()
    throw error
  }
}
