// Written by packages/shiplock/scripts/write-registry.ts from the names of the folders here.
import type { Check } from './check.ts'
import dependencies from './dependencies/index.ts'
import lint from './lint/index.ts'
import probe from './probe/index.ts'
import tests from './tests/index.ts'
import types from './types/index.ts'

/** Every check by its id. Loading it loads rules and options only; what a check runs is loaded when it runs. */
export const registry = {
  dependencies,
  lint,
  probe,
  tests,
  types,
}

export const checks: readonly Check[] = Object.values(registry)
