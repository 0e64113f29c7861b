import type { Gate } from '@shiplock/findings'
import type { z } from 'zod'
import type { parts } from './schema.ts'

/** The config as the rest of Shiplock reads it: every default filled in, nothing left to doubt. Plain data. */
export interface Config {
  /** False where the config says `service: null`: there is nothing to build and deploy, and `service` holds defaults that nobody asks for. */
  readonly shipsService: boolean
  readonly service: ReadonlyDeep<z.output<typeof parts.service> & { name: string }>
  readonly image: ReadonlyDeep<z.output<typeof parts.image> & ImageDefaults>
  readonly attest: ReadonlyDeep<z.output<typeof parts.attest>>
  /** Options by check id, as the check's own schema puts them out. A check that is switched off is absent. */
  readonly checks: Readonly<Record<string, unknown>>
  /** One for every check that is on. */
  readonly gates: readonly Gate[]
  readonly targets: ReadonlyDeep<z.output<typeof parts.targets>>
  readonly ci: ReadonlyDeep<z.output<typeof parts.ci>>
}

type ReadonlyDeep<T> = T extends object ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> } : T

/** What the surroundings of a config fill in where it is silent. */
interface ImageDefaults {
  build: string | null
  builder: 'assemble' | 'dockerfile'
  dockerfile: string
  context: string
  reads: string[]
  dependencies: 'none' | 'production'
  entrypoint: string[]
}
