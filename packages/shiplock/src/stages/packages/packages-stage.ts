import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { count, fail, ok, type StageFailure } from '@shiplock/findings'
import type { Stage } from '../../engine/stage.ts'
import type { BlobStore } from '../../system/blob-store.ts'
import type { Mask } from '../../system/masking.ts'
import { installPackages, programVersion } from '../../system/package-install.ts'
import { readFromSnapshot } from '../../system/snapshot.ts'
import { lastLines, userProgram, type Workspace } from '../../system/workspace.ts'
import { keepPackages } from './keep-packages.ts'
import { findLock, refused, type Manager, type ServiceLock } from './lock.ts'
import { neededWorkspaces } from './needed-workspaces.ts'
import { npmPlan } from './npm.ts'
import type { InstallPlan, PlanInput } from './plan.ts'
import { pnpmPlan } from './pnpm.ts'
import { packagesStageId, type InstalledPackage } from './production-packages.ts'
import { refuseSources } from './sources.ts'
import { yarnPlan } from './yarn.ts'
import { yarnClassicPlan } from './yarn-classic.ts'

export interface PackagesStageInput {
  readonly workspace: Workspace
  readonly mask: Mask
  readonly blobs: BlobStore
  /** Of the service, relative to the root; `.` is the root. */
  readonly directory: string
  readonly platform: PlanInput['platform']
  /** Where package managers keep what they download. */
  readonly cache: string
  readonly expectedMs?: number
}

const timeoutMs = 600_000
const plans: Readonly<Record<Manager, (lock: ServiceLock, input: PlanInput) => InstallPlan>> = { npm: npmPlan, pnpm: pnpmPlan, yarn: yarnPlan, 'yarn-classic': yarnClassicPlan }

/**
 * Installs what production needs from the lock file, by the package manager that wrote it, with none of its scripts; and keeps
 * the files of the packages, and of workspaces among them, by content. It runs anew only where lock file or manifests changed.
 */
export async function packagesStage(input: PackagesStageInput): Promise<Stage> {
  const { workspace, platform, directory } = input
  const facts = { id: packagesStageId, title: 'Production packages', subject: 'tree', needs: [], timeoutMs: timeoutMs + 30_000, ...(input.expectedMs !== undefined && { expectedMs: input.expectedMs }) } as const
  const found = await findLock(workspace.snapshot, directory)
  const problem = found.ok ? refuseSources(found.value) : found.failure
  // Of this stage alone: what checks find is told all the same.
  if (!found.ok || problem) return { ...facts, run: async () => fail(input.mask.value(problem ?? refused('there is no lock file'))) }
  const lock = found.value
  const plan = plans[lock.manager](lock, { platform, read: (path) => textBeside(workspace, lock, path) })
  const program = userProgram(workspace, plan.program)
  const version = program === undefined ? undefined : await programVersion(workspace, program)
  const ofWorkspaces = [...neededWorkspaces(lock)].filter((it) => it !== lock.service).map((it) => posix.join(lock.folder, it))
  const inputs = createHash('sha256').update(JSON.stringify([lock.folder, lock.service, platform, version ?? null, [...plan.files].map(([path, content]) => [path, digest(content)]), ofWorkspaces.map((folder) => digestBelow(workspace, folder))])).digest('hex')
  return {
    ...facts,
    inputs,
    tools: { [plan.program]: version ?? 'missing' },
    run: async ({ signal }) => {
      if (program === undefined || version === undefined) return fail(managerMissing(plan.program, posix.join(lock.folder, lock.name)))
      const tooOld = plan.refuseVersion(version)
      if (tooOld) return fail(tooOld)
      const result = await installPackages(workspace, { ...plan, program, cache: input.cache, timeoutMs, signal }, (ended, installed) => {
        if (ended.isAborted) return fail<StageFailure>({ reason: 'tool-failed', message: `${plan.program} was stopped` })
        if (ended.isTimedOut) return fail<StageFailure>({ reason: 'timed-out', message: `${plan.program} did not end within ${timeoutMs / 1000} s` })
        const detail = lastLines(`${ended.stdout}\n${ended.stderr}`)
        if (ended.error || ended.exitCode !== 0) return fail<StageFailure>({ ...refused(`${plan.program} could not install what ${posix.join(lock.folder, lock.name)} names`, 'see below what it says; registries, proxies and certificates are those of your own configuration, never of the repository'), detail })
        return keepPackages({ lock, snapshot: workspace.snapshot, blobs: input.blobs, installed })
      })
      if (!result.ok) return fail(input.mask.value(result.failure))
      const { files, packages } = result.value
      const scripted = unrunScripts(lock, packages)
      return ok({
        value: result.value,
        artifacts: files.map((file) => input.blobs.pathOf(file.digest)),
        summary: `${count(packages.length, 'package')}, ${Math.ceil(files.reduce((sum, file) => sum + file.size, 0) / 1e6)} MB${scripted.length === 0 ? '' : `; not run: the install scripts of ${scripted.join(', ')}`}`,
      })
    },
  }
}

/** Packages that may need more than their files: what compiles an addon, or downloads one. */
function unrunScripts({ lock }: ServiceLock, packages: readonly InstalledPackage[]): string[] {
  const scripted = new Set(lock.components.filter(({ hasInstallScript }) => hasInstallScript).map(({ name, version }) => `${name}@${version}`))
  return [...new Set(packages.filter(({ name, version }) => scripted.has(`${name}@${version}`)).map(({ name }) => name))].toSorted()
}

const managerMissing = (program: string, path: string): StageFailure => ({ reason: 'tool-missing', message: `${path} is of ${program}, which is not on PATH outside of the repository`, hint: `install ${program}; or bundle the service and set image.dependencies to \`none\`` })

function textBeside({ snapshot }: Workspace, { folder }: ServiceLock, path: string): string | undefined {
  const at = posix.join(folder, path)
  if (!snapshot.files.has(at)) return undefined
  const content = readFromSnapshot(snapshot, at)
  return content.ok ? content.value.toString('utf8') : undefined
}

const digest = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex')

function digestBelow({ snapshot }: Workspace, folder: string): string {
  const hash = createHash('sha256')
  for (const [path, file] of snapshot.files) if (path.startsWith(`${folder}/`)) hash.update(`${path}\0${file.mode}\0${file.digest}\n`)
  return hash.digest('hex')
}
