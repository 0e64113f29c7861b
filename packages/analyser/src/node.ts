import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import type { FileModel } from './model/file-model.ts'
import { encodeModel } from './model/encoded.ts'
import { modelFile } from './model/model-file.ts'

export interface ModelOptions {
  readonly read: (path: string) => Promise<string>
  /** Bytes: decides how much is handed over at once, and whether a worker is worth its start. */
  readonly size: (path: string) => number
  readonly signal?: AbortSignal
  /** Beside this thread. Default: what makes use of all cores, and none for little text. */
  readonly workers?: number
}

/** Less than this is modelled sooner than a worker has started. Bytes. */
const worthWorkers = 600_000

/** Handed to a worker at once. Bytes. */
const batchSize = 200_000

/** Handed to a worker ahead of what it is at, so that it need not wait. */
const batchesAhead = 2

/**
 * Models files with all cores, and gives the models, encoded, in the order of `paths`. This thread models as well, since each
 * one that does has to warm up first. The result is the same whatever the number of workers: what is nested too deeply for
 * the stack here is tried on a worker's, which is the larger one.
 */
export async function* modelFiles(paths: readonly string[], { read, size, signal, workers = defaultWorkers(paths, size) }: ModelOptions): AsyncGenerator<readonly [path: string, model: string]> {
  using pool = new WorkerPool(Math.max(workers, 1), signal)
  const here = async (path: string) => {
    signal?.throwIfAborted()
    const text = await read(path)
    const model = modelFile(path, text)
    const [encoded] = isTooDeep(model) ? await pool.model([[path, text]]) : [encodeModel(model)]
    return encoded!
  }
  const there = async (batch: readonly string[]) => pool.model(await Promise.all(batch.map(async (path) => [path, await read(path)] as const)))
  const waiting = workers === 0 ? paths.map((path) => [path]) : batches(paths, size)
  // Of those that are handed out: in their order, since the first is wanted first.
  const begun: { readonly batch: readonly string[]; readonly models: Promise<readonly string[]>; isDone: boolean }[] = []
  let atWorkers = 0
  const handOut = () => {
    while (atWorkers < workers * batchesAhead && waiting.length > 0) {
      const batch = waiting.shift()!
      const job = { batch, models: there(batch), isDone: false }
      atWorkers += 1
      begun.push(job)
      job.models.then(
        () => {
          job.isDone = true
          atWorkers -= 1
          handOut()
        },
        () => {},
      )
    }
  }
  for (;;) {
    handOut()
    const [first] = begun
    if (first?.isDone || (first && waiting.length === 0)) {
      begun.shift()
      for (const [index, model] of (await first.models).entries()) yield [first.batch[index]!, model]
      continue
    }
    const own = waiting.shift()
    if (!own) return
    const models: string[] = []
    const job = { batch: own, models: Promise.resolve(models), isDone: true }
    begun.push(job)
    for (const path of own) {
      models.push(await here(path))
      // What the workers answer is heard in between.
      if (workers > 0) await setImmediate()
    }
  }
}

const isTooDeep = ({ problems }: FileModel) => problems.some(({ kind }) => kind === 'too-deep')

function defaultWorkers(paths: readonly string[], size: (path: string) => number): number {
  const total = paths.reduce((sum, path) => sum + size(path), 0)
  return total < worthWorkers ? 0 : Math.min(availableParallelism() - 1, Math.ceil(total / batchSize))
}

function batches(paths: readonly string[], size: (path: string) => number): string[][] {
  const found: string[][] = []
  let room = 0
  for (const path of paths) {
    if (room <= 0) {
      found.push([])
      room = batchSize
    }
    found.at(-1)!.push(path)
    room -= size(path) + 1
  }
  return found
}

type Job = { readonly sources: readonly (readonly [path: string, text: string])[]; readonly resolve: (models: readonly string[]) => void; readonly reject: (error: unknown) => void }

/** Workers that start when there is work, and end with the pool. */
class WorkerPool {
  private readonly most: number
  private readonly signal: AbortSignal | undefined
  private readonly idle: Worker[] = []
  private readonly all = new Set<Worker>()
  private readonly waiting: Job[] = []
  private readonly running = new Map<Worker, Job>()

  constructor(most: number, signal: AbortSignal | undefined) {
    this.most = most
    this.signal = signal
    signal?.addEventListener('abort', this.end)
  }

  async model(sources: Job['sources']): Promise<readonly string[]> {
    this.signal?.throwIfAborted()
    return new Promise((resolve, reject) => {
      this.waiting.push({ sources, resolve, reject })
      this.next()
    })
  }

  private next(): void {
    const job = this.waiting[0]
    if (!job) return
    const worker = this.idle.pop() ?? (this.all.size < this.most ? this.start() : undefined)
    if (!worker) return
    this.waiting.shift()
    this.running.set(worker, job)
    worker.ref()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
    worker.postMessage(job.sources)
  }

  private start(): Worker {
    const worker = new Worker(new URL(import.meta.url), { workerData: workerMark })
    this.all.add(worker)
    worker.on('message', (models: readonly string[]) => {
      this.running.get(worker)?.resolve(models)
      this.running.delete(worker)
      worker.unref()
      this.idle.push(worker)
      this.next()
    })
    worker.on('error', (error) => {
      this.all.delete(worker)
      this.running.get(worker)?.reject(error)
      this.running.delete(worker)
      this.next()
    })
    return worker
  }

  private readonly end = (): void => {
    this.signal?.removeEventListener('abort', this.end)
    for (const worker of this.all) void worker.terminate()
    const unfinished = [...this.running.values(), ...this.waiting.splice(0)]
    this.running.clear()
    for (const { reject } of unfinished) reject(this.signal?.reason ?? new Error('the models are no longer wanted'))
  };

  [Symbol.dispose](): void {
    this.end()
  }
}

const workerMark = 'shiplock models files'

// The other side: this module is a worker's entry as well, told from a worker of somebody else by what it is handed.
if (workerData === workerMark) {
  parentPort?.on('message', (sources: Job['sources']) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- nor has the thread that started it
    parentPort?.postMessage(sources.map(([path, text]) => encodeModel(modelFile(path, text))))
  })
}
