import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { applyFieldMask } from '../resource/field-mask.ts'
import { generatedRevisionName, isServiceId, revisionName, serviceName } from '../resource/names.ts'
import { serviceType } from '../resource/schema.ts'
import { ApiError, invalidField } from '../resource/status.ts'
import { completeSpec, type GivenService } from '../resource/spec.ts'
import type { JsonObject } from '../resource/proto-json.ts'
import type { IamPolicy, ServiceSpec } from '../resource/service.ts'
import type { RecordStore } from '../state/record-store.ts'
import { Changes } from './changes.ts'
import type { OperationRecord, RevisionRecord, ServiceRecord, StartFailure } from './record.ts'
import { etagOf, viewRevision, viewService, type Place } from './view.ts'
import { conflict, notFound } from './refusals.ts'
import { settle, type InstanceState } from './settle.ts'

/** What the platform asks of whatever runs instances. `stateOf` knows of a start as soon as `start` was called. */
export interface RevisionInstances {
  stateOf(service: string, revision: string): InstanceState
  /** `isServing`: traffic flows to it already, so it is started again and again until it is up. Fulfils after the first attempt. */
  start(service: string, revision: RevisionRecord, isServing: boolean): Promise<StartOutcome>
  /** Ends the instance after the requests that are in flight. */
  retire(service: string, revision: string): Promise<void>
  /** Starts what scaling asks for beyond the first instance. */
  adjust(service: string): void
  /** Forgets failed starts, so that the next write tries again. */
  forgetFailures(service: string): void
}

export type StartOutcome =
  { readonly ok: true; readonly warnings: readonly string[] } | { readonly ok: false; readonly failure: StartFailure }

/** An operation with what its metadata shows. */
export interface PlatformOperation {
  readonly operation: OperationRecord
  readonly about: 'Service' | 'Revision' | 'Job' | 'Execution'
  readonly metadata: JsonObject
}

export interface WriteOptions {
  readonly validateOnly?: boolean
}

const operationsKept = 50
const revisionsKept = 100

/**
 * Cloud Run's control plane for one project and location: holds the services, takes writes, and works until what is
 * wanted is what is there. Every API (v2 here) is a view of it. Writes throw `ApiError` and change nothing then.
 */
export class Platform {
  readonly place: Place
  readonly #instances: RevisionInstances
  readonly #store: RecordStore<ServiceRecord>
  readonly #changes: Changes
  readonly #services = new Map<string, ServiceRecord>()
  /** Operations on things that are gone. */
  readonly #detached = new Map<string, PlatformOperation>()
  #isClosed = false

  constructor(place: Place, instances: RevisionInstances, store: RecordStore<ServiceRecord>, changes: Changes) {
    this.place = place
    this.#instances = instances
    this.#store = store
    this.#changes = changes
    // The map keeps this order, and what is created later comes last.
    const records = store.load().toSorted((a, b) => (`${a.createTime} ${a.id}` < `${b.createTime} ${b.id}` ? -1 : 1))
    for (const record of records) this.#services.set(record.id, record)
  }

  /** Starts what traffic reaches, and whatever was starting when the last emulator ended. */
  open(): void {
    for (const id of this.#services.keys()) this.settle(id)
  }

  /** Takes no more writes and reacts to nothing more; what was saved stays as it is. */
  close(): void {
    this.#isClosed = true
    this.#changes.notify()
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Oldest first. */
  services(): readonly ServiceRecord[] {
    return [...this.#services.values()]
  }

  find(service: string): ServiceRecord | undefined {
    return this.#services.get(service)
  }

  /** The service, or NOT_FOUND. */
  service(id: string): ServiceRecord {
    const record = this.#services.get(id)
    if (record === undefined) throw notFound(this.place.parent, 'SERVICE', id)
    return record
  }

  /** The revision, or NOT_FOUND. */
  revision(service: string, name: string): RevisionRecord {
    const revision = this.#services.get(service)?.revisions.find((candidate) => candidate.name === name)
    if (revision === undefined) throw notFound(this.place.parent, 'REVISION', name)
    return revision
  }

  create(id: string, given: GivenService, { validateOnly = false }: WriteOptions = {}): PlatformOperation {
    this.#refuseWhenClosed()
    if (!isServiceId(id)) {
      throw invalidField(
        'service_id',
        'must begin with a letter, hold lower-case letters, digits and hyphens, not end with a hyphen, and be shorter than 50 characters',
      )
    }
    if (this.#services.has(id)) throw new ApiError('ALREADY_EXISTS', `Resource '${id}' already exists.`)
    const spec = completeSpec(given.writable, id)
    const now = timestamp()
    const condition = (type: string) => ({ type, state: 'CONDITION_RECONCILING', lastTransitionTime: now }) as const
    const bare: ServiceRecord = {
      id,
      uid: randomUUID(),
      createTime: now,
      updateTime: now,
      generation: 1,
      observedGeneration: 0,
      version: 0,
      spec,
      policy: {},
      revisionsMade: 0,
      latestCreated: '',
      statuses: [],
      conditions: {
        Ready: condition('Ready'),
        RoutesReady: condition('RoutesReady'),
        ConfigurationsReady: condition('ConfigurationsReady'),
      },
      revisions: [],
      operations: [],
    }
    const record = withRevision(bare, spec, now)
    return this.#write(record, record.latestCreated, validateOnly)
  }

  /** `mask` as the query has it; see `applyFieldMask`. */
  update(id: string, given: GivenService, mask: string | undefined, { validateOnly = false }: WriteOptions = {}): PlatformOperation {
    this.#refuseWhenClosed()
    const current = this.service(id)
    this.#checkEtag(current, given.etag)
    const spec = completeSpec(applyFieldMask(serviceType, current.spec as unknown as JsonObject, given.writable, mask), id)
    if (isDeepStrictEqual(spec, current.spec)) return this.#write(current, undefined, validateOnly)
    const now = timestamp()
    const changed = { ...current, spec, generation: current.generation + 1, updateTime: now }
    if (isDeepStrictEqual(spec.template, current.spec.template)) return this.#write(changed, undefined, validateOnly)
    const record = withRevision(changed, spec, now)
    return this.#write(record, record.latestCreated, validateOnly)
  }

  delete(id: string, etag: string | undefined, { validateOnly = false }: WriteOptions = {}): PlatformOperation {
    this.#refuseWhenClosed()
    const record = this.service(id)
    this.#checkEtag(record, etag)
    const view = viewService(record, this.place)
    if (validateOnly) return { operation: finishedOperation(record, view), about: 'Service', metadata: view }
    this.#store.remove(id)
    this.#services.delete(id)
    const stopping = record.revisions.map(({ name }) => this.#instances.retire(id, name))
    return this.#detach('Service', { ...view, deleteTime: timestamp() }, record, Promise.all(stopping))
  }

  /** Refuses where something leads to the revision or nothing newer is there, as Cloud Run does. */
  deleteRevision(service: string, name: string, etag: string | undefined, { validateOnly = false }: WriteOptions = {}): PlatformOperation {
    this.#refuseWhenClosed()
    const revision = this.revision(service, name)
    const record = this.service(service)
    const view = viewRevision(record, revision, this.place)
    if (etag !== undefined && etag !== view['etag'])
      throw conflict(revisionName(this.place.parent, service, name), etag, String(view['etag']))
    if (record.latestCreated === name)
      throw new ApiError('FAILED_PRECONDITION', `Revision '${name}' is the latest created revision of the service and cannot be deleted.`)
    if ([...record.statuses.map(({ serves }) => serves), ...record.spec.traffic.map((target) => target.revision)].includes(name)) {
      throw new ApiError('FAILED_PRECONDITION', `Revision '${name}' has traffic or a traffic tag and cannot be deleted.`)
    }
    if (validateOnly) return { operation: finishedOperation(record, view), about: 'Revision', metadata: view }
    this.#save({ ...record, revisions: record.revisions.filter((other) => other !== revision) })
    return this.#detach('Revision', { ...view, deleteTime: timestamp() }, record, this.#instances.retire(service, name))
  }

  /** Replaces the policy; returns it with its new etag. */
  setPolicy(service: string, policy: IamPolicy): IamPolicy {
    this.#refuseWhenClosed()
    const record = this.service(service)
    const current = this.policy(service)
    if (policy.etag !== undefined && policy.etag !== current.etag)
      throw conflict(serviceName(this.place.parent, service), policy.etag, current.etag ?? '')
    const { etag: _etag, ...kept } = policy
    this.#save({ ...record, policy: kept })
    return this.policy(service)
  }

  policy(service: string): IamPolicy {
    const { uid, policy } = this.service(service)
    return { version: 1, ...policy, etag: Buffer.from(etagOf(uid, JSON.stringify(policy))).toString('base64') }
  }

  operation(id: string): PlatformOperation | undefined {
    return this.#detached.get(id) ?? this.operations().find(({ operation }) => operation.id === id)
  }

  operations(): readonly PlatformOperation[] {
    const attached = [...this.#services.values()].flatMap((record) =>
      record.operations.map((operation) => ({ operation, about: 'Service' as const, metadata: viewService(record, this.place) })),
    )
    return [...attached, ...this.#detached.values()]
  }

  /** Works on a service until it is at rest; called after each write and whenever an instance has started, failed or ended. */
  settle(id: string): void {
    const before = this.#services.get(id)
    if (before === undefined || this.#isClosed) return
    const { record, start, retire, finished } = settle(before, (revision) => this.#instances.stateOf(id, revision), timestamp())
    const pruned = pruneRevisions(record, [...start, ...retire])
    if (finished.length > 0 || !isDeepStrictEqual(pruned, before)) this.#save(withResults(pruned, finished, this.place))
    for (const name of start) void this.#start(id, name)
    for (const name of retire) void this.#instances.retire(id, name)
    this.#instances.adjust(id)
  }

  async #start(id: string, name: string): Promise<void> {
    const revision = this.revision(id, name)
    const isServing = revision.state.kind === 'ready' && this.service(id).statuses.some(({ serves }) => serves === name)
    const outcome = await this.#instances.start(id, revision, isServing)
    const record = this.#services.get(id)
    if (record === undefined || this.#isClosed) return
    if (record.revisions.find((other) => other.name === name)?.state.kind === 'starting')
      this.#save(withOutcome(record, name, outcome, timestamp()))
    this.settle(id)
  }

  #write(record: ServiceRecord, revision: string | undefined, validateOnly: boolean): PlatformOperation {
    if (validateOnly) {
      const view = viewService(record, this.place)
      return { operation: finishedOperation(record, view), about: 'Service', metadata: view }
    }
    const operation: OperationRecord = { id: randomUUID(), generation: record.generation, ...(revision === undefined ? {} : { revision }) }
    this.#instances.forgetFailures(record.id)
    this.#save({ ...record, operations: [...record.operations, operation].slice(-operationsKept) })
    this.settle(record.id)
    const written = this.operation(operation.id)
    if (written === undefined) throw new Error(`the operation ${operation.id} was not kept`)
    return written
  }

  #detach(about: 'Service' | 'Revision', metadata: JsonObject, record: ServiceRecord, work: Promise<unknown>): PlatformOperation {
    const pending = { id: randomUUID(), generation: record.generation }
    const first = { operation: pending, about, metadata }
    this.#detached.set(pending.id, first)
    const oldest = this.#detached.keys().next().value
    if (this.#detached.size > operationsKept && oldest !== undefined) this.#detached.delete(oldest)
    void work.then(() => {
      this.#detached.set(pending.id, { ...first, operation: { ...pending, result: { response: metadata } } })
      this.#changes.notify()
    })
    return first
  }

  #save(record: ServiceRecord): void {
    const saved = { ...record, version: record.version + 1 }
    this.#store.save(saved)
    this.#services.set(saved.id, saved)
    this.#changes.notify()
  }

  #checkEtag(record: ServiceRecord, etag: string | undefined): void {
    const current = etagOf(record.uid, record.version)
    if (etag !== undefined && etag !== current) throw conflict(serviceName(this.place.parent, record.id), etag, current)
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed) throw new ApiError('UNAVAILABLE', 'The emulator is stopping.')
  }
}

const timestamp = () => new Date().toISOString()

function withRevision(record: ServiceRecord, spec: ServiceSpec, now: string): ServiceRecord {
  const number = record.revisionsMade + 1
  const { revision, ...settings } = spec.template
  const name = revision ?? generatedRevisionName(record.id, number)
  if (record.revisions.some((other) => other.name === name)) {
    throw new ApiError('ALREADY_EXISTS', `Revision named '${name}' with different configuration already exists.`)
  }
  const made: RevisionRecord = { name, uid: randomUUID(), number, createTime: now, updateTime: now, settings, state: { kind: 'starting' } }
  return { ...record, revisionsMade: number, latestCreated: name, revisions: [...record.revisions, made] }
}

function withOutcome(record: ServiceRecord, name: string, outcome: StartOutcome, now: string): ServiceRecord {
  const state = outcome.ok
    ? ({ kind: 'ready', warnings: outcome.warnings } as const)
    : ({ kind: 'failed', failure: outcome.failure } as const)
  const revisions = record.revisions.map((revision) => (revision.name === name ? { ...revision, updateTime: now, state } : revision))
  const numberOf = (revision: string | undefined) => revisions.find((other) => other.name === revision)?.number ?? 0
  const isNewer = outcome.ok && numberOf(name) > numberOf(record.latestReady)
  return { ...record, revisions, ...(isNewer ? { latestReady: name } : {}) }
}

function withResults(record: ServiceRecord, finished: ReturnType<typeof settle>['finished'], place: Place): ServiceRecord {
  if (finished.length === 0) return record
  // As the service will be once this is saved.
  const response = viewService({ ...record, version: record.version + 1 }, place)
  const operations = record.operations.map((operation) => {
    const end = finished.find((other) => other.operation.id === operation.id)
    if (end === undefined) return operation
    return { ...operation, result: end.error === undefined ? { response } : { error: end.error.toRpcStatus() } }
  })
  return { ...record, operations }
}

function finishedOperation(record: ServiceRecord, response: JsonObject): OperationRecord {
  return { id: randomUUID(), generation: record.generation, result: { response } }
}

/** Forgets the oldest revisions that nothing leads to. (Cloud Run keeps 1000.) */
function pruneRevisions(record: ServiceRecord, busy: readonly string[]): ServiceRecord {
  const kept = new Set([
    ...busy,
    record.latestCreated,
    record.latestReady,
    ...record.statuses.map(({ serves }) => serves),
    ...record.spec.traffic.map(({ revision }) => revision),
  ])
  const idle = record.revisions.filter(({ name, state }) => !kept.has(name) && state.kind !== 'starting')
  const dropped = new Set(idle.slice(0, Math.max(0, record.revisions.length - revisionsKept)))
  return dropped.size === 0 ? record : { ...record, revisions: record.revisions.filter((revision) => !dropped.has(revision)) }
}
