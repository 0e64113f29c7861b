// Writes what is derived from other sources and committed: `npm run generate -w app`. A test finds it stale.
import { writeFileSync } from 'node:fs'
import { writeValidators } from './write-validators.ts'

writeFileSync(new URL('../src/tasks/api-validators.ts', import.meta.url), writeValidators())
