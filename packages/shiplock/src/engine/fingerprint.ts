import { createHash } from 'node:crypto'
import type { Stage, StageOutput } from './stage.ts'

/** Changes when what a cached result means changes; every older entry is then a miss. */
const formatVersion = 1

/**
 * What a result depends on, as one hash: the version of the tool, which stage, its files, options and tools (`inputs`), and what each need
 * handed over. A need that ran again and handed over the same keeps its dependants' fingerprints.
 */
export function fingerprintOf(stage: Stage, outputs: ReadonlyMap<string, string>, tool: string): string | undefined {
  if (stage.inputs === undefined) return undefined
  const hash = createHash('sha256').update(`${formatVersion}\0${tool}\0${stage.id}\0${stage.inputs}`)
  for (const need of stage.needs) hash.update(`\0${need}\0${outputs.get(need) ?? ''}`)
  return hash.digest('hex')
}

/** Digest of what dependants see of a stage: value and outcome, not how long it took or how it was summed up. */
export function outputDigest(output: StageOutput): string {
  if (output.value === undefined && output.outcome === undefined) return ''
  return createHash('sha256').update(JSON.stringify([output.value ?? null, output.outcome ?? null])).digest('hex')
}
