import type { Config } from '../config/config.ts'
import { findKnownSecrets } from '../checks/secrets/known-secrets.ts'
import { findConfinement } from '../system/confinement.ts'
import { BlobStore } from '../system/blob-store.ts'
import { DiskStore } from '../system/disk-store.ts'
import { isContinuousIntegration } from '../system/merge-base.ts'
import { createMask, type Mask } from '../system/masking.ts'
import { ownVersion } from '../system/own-version.ts'
import { takeSnapshot } from '../system/snapshot.ts'
import { forgetWhatCouldBeForged, markUnconfined, type StateDirectory } from '../system/state-directory.ts'
import type { Workspace } from '../system/workspace.ts'
import type { EvidenceRequest } from './image-evidence.ts'
import { openPolicy, type PolicyInput, type RunPolicy } from './judging-policy.ts'
import type { HistoryRequest } from './past-contents.ts'
import { ok, type Result, type StageFailure } from '@shiplock/findings'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What every stage of one run is made from. */
export interface PipelineContext {
  /** With the gates and options that judge: where the run judges a change, not all of them are its own. */
  readonly config: Config
  readonly state: StateDirectory
  readonly workspace: Workspace
  readonly mask: Mask
  /** Of Shiplock itself, and in a checkout of its sources. Part of every fingerprint. */
  readonly toolVersion: string
  readonly blobs: BlobStore
  /** Absent with `--no-cache`, without a wall and in CI: code of the repository that ran before could have written "no findings" into it. */
  readonly store?: DiskStore
  /** Whether what an earlier run left may be taken for what it says it is: not without a wall and not in CI. */
  readonly isCacheBelieved: boolean
  /** Where packed layers are remembered. Without a wall and in CI none of an earlier run are believed either. */
  readonly layers: string
  readonly environment: NodeJS.ProcessEnv
  /** How long each stage took last time, by id. Milliseconds. */
  readonly durations: Readonly<Record<string, number>>
  readonly policy: RunPolicy
  /** Whether the command line asks for the history, and where a change begins. */
  readonly history: HistoryRequest
  /** What the command line has others say of the image. */
  readonly evidence?: EvidenceRequest
}

export interface ContextInput extends Pick<PolicyInput, 'configPath' | 'configOption' | 'now' | 'base'> {
  readonly root: string
  readonly state: StateDirectory
  readonly config: Config
  /** Refuses to run code of the repository that cannot be confined. */
  readonly isUntrusted: boolean
  readonly useCache: boolean
  /** Whether checks that can are to look at the history, whatever their options say. */
  readonly withHistory?: boolean
  readonly environment: NodeJS.ProcessEnv
  readonly durations: Readonly<Record<string, number>>
}

/** Takes the snapshot and finds out what the machine can do. */
export async function openContext(input: ContextInput): Promise<Result<PipelineContext, StageFailure>> {
  const { state } = input
  const confining = findConfinement(input.root, input.environment)
  const isCi = isContinuousIntegration(input.environment)
  forgetWhatCouldBeForged(state, isCi)
  const indexed = takeSnapshot(input.root, isCi ? undefined : state.index)
  const confinement = await confining
  const isWalled = confinement.kind === 'bubblewrap'
  // The index says which files need not be read. Without a wall, tests of an earlier run could have written it; and in CI, where
  // the verdict counts, an install script, a hook or another job before this one. No key that they can read would tell.
  const isBelieved = isWalled && !isCi
  const snapshot = isWalled || isCi ? indexed : takeSnapshot(input.root)
  if (!snapshot.ok) return snapshot
  const judging = await openPolicy({ ...input, snapshot: snapshot.value, isCi })
  if (!judging.ok) return judging
  return ok({
    ...judging.value,
    state,
    workspace: { snapshot: snapshot.value, confinement, scratchParent: state.scratch, programs: shiplockDirectories, isUntrusted: input.isUntrusted, environment: input.environment, onUnconfined: () => markUnconfined(state) },
    mask: createMask(input.environment, findKnownSecrets),
    toolVersion: ownVersion(),
    blobs: new BlobStore(state.blobs),
    isCacheBelieved: isBelieved,
    layers: isBelieved ? state.layers : join(state.scratch, 'layers'),
    ...(input.useCache && isBelieved && { store: new DiskStore(state.results) }),
    environment: input.environment,
    durations: input.durations,
    history: { isAsked: input.withHistory ?? false, ...(input.base && { since: input.base.commit }) },
  })
}

/** Our own package, whose reporters run beside the repository's tests, and the packages that it brings along. */
const shiplockDirectories = [import.meta.dirname, fileURLToPath(import.meta.resolve('oxlint/package.json'))].map((path) => dirname(dirname(path)))
