import type { RpcStatus } from '../resource/status.ts'
import type { Condition, IamPolicy, RevisionSettings, ServiceSpec, TrafficTarget } from '../resource/service.ts'
import type { JsonObject } from '../resource/proto-json.ts'

/**
 * What is remembered about a service, in one file: what the user wants (`spec`), what is true (`statuses`, conditions,
 * revisions), and the operations that lead from one to the other. Records are values: a change makes a new one.
 */
export interface ServiceRecord {
  readonly id: string
  readonly uid: string
  /** RFC 3339, UTC; so are all times here. */
  readonly createTime: string
  readonly updateTime: string
  /** Counts what the user changed. */
  readonly generation: number
  /** The generation that serves. */
  readonly observedGeneration: number
  /** Counts every change, the platform's own too; the etag is made of it. */
  readonly version: number
  readonly spec: ServiceSpec
  readonly policy: IamPolicy
  /** How many revisions there ever were: generated names count on. */
  readonly revisionsMade: number
  /** Short names. */
  readonly latestCreated: string
  readonly latestReady?: string
  /** The traffic as it flows: the last wanted traffic whose revisions could all serve. */
  readonly statuses: readonly TrafficStatus[]
  readonly conditions: ServiceConditions
  /** Oldest first. */
  readonly revisions: readonly RevisionRecord[]
  /** Oldest first, the last few only. */
  readonly operations: readonly OperationRecord[]
}

/** A traffic target with the revision that it means. */
export interface TrafficStatus extends TrafficTarget {
  readonly serves: string
}

export interface ServiceConditions {
  readonly Ready: Condition
  readonly RoutesReady: Condition
  readonly ConfigurationsReady: Condition
}

/** A revision: its settings never change, only what became of it. */
export interface RevisionRecord {
  /** Short name. */
  readonly name: string
  readonly uid: string
  /** Position among all revisions of the service, from 1. */
  readonly number: number
  readonly createTime: string
  readonly updateTime: string
  readonly settings: RevisionSettings
  readonly state: RevisionState
}

export type RevisionState =
  | { readonly kind: 'starting' }
  /** It passed its start-up probe once. `warnings` are plain sentences. */
  | { readonly kind: 'ready'; readonly warnings: readonly string[] }
  | { readonly kind: 'failed'; readonly failure: StartFailure }

/** Why a revision did not start. `message` is for a person and holds the last log lines. */
export interface StartFailure {
  readonly reason: 'image-missing' | 'secret-unavailable' | 'container-failed' | 'internal'
  readonly message: string
}

export interface OperationRecord {
  readonly id: string
  readonly generation: number
  /** The revision that the write made; its failure is the operation's. */
  readonly revision?: string
  readonly result?: { readonly response: JsonObject } | { readonly error: RpcStatus }
}
