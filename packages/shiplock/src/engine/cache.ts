import type { StageOutput } from './stage.ts'

/** Where results are kept between runs. Keys are hex; values are text; a lost or damaged value is a miss. */
export interface Store {
  readonly get: (key: string) => string | undefined
  readonly set: (key: string, value: string) => void
  /** Whether the file that a result names is still there, whole. */
  readonly hasArtifact: (path: string) => boolean
}

/** The remembered output of this very fingerprint, where its artifacts are still there. */
export function recall(store: Store, fingerprint: string): StageOutput | undefined {
  const text = store.get(fingerprint)
  if (text === undefined) return undefined
  const entry = parse(text)
  if (entry?.fingerprint !== fingerprint) return undefined
  return (entry.output.artifacts ?? []).every(store.hasArtifact) ? entry.output : undefined
}

/** Remembers an output unless it says less than the whole truth: a check that failed or was skipped is tried again. */
export function remember(store: Store, fingerprint: string, output: StageOutput): void {
  if (output.transient || output.stop !== undefined) return
  if (output.outcome !== undefined && output.outcome.kind !== 'completed') return
  store.set(fingerprint, JSON.stringify({ fingerprint, output } satisfies Entry))
}

/** Keeps results for as long as the process lives. */
export function memoryStore(): Store {
  const entries = new Map<string, string>()
  return { get: (key) => entries.get(key), set: (key, value) => void entries.set(key, value), hasArtifact: () => true }
}

interface Entry {
  readonly fingerprint: string
  readonly output: StageOutput
}

function parse(text: string): Entry | undefined {
  try {
    return JSON.parse(text)
  } catch {
    // A damaged entry is a miss: the stage runs again and writes a whole one.
    return undefined
  }
}
