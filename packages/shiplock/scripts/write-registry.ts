import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

/** Folders of checks, sorted: whatever has an `index.ts`. */
export function listChecks(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(directory, entry.name, 'index.ts')))
    .map(({ name }) => name)
    .toSorted()
}

/** The text of `registry.ts`: static imports, so that which code is loaded is to be read here and not found out at run time. */
export function renderRegistry(ids: readonly string[]): string {
  const imports = ids.map((id) => `import ${nameOf(id)} from './${id}/index.ts'\n`)
  const entries = ids.map((id) => `  ${id === nameOf(id) ? id : `'${id}': ${nameOf(id)}`},\n`)
  return `// Written by packages/shiplock/scripts/write-registry.ts from the names of the folders here.
import type { RuleId } from '@shiplock/findings'
import type { Check } from './check.ts'
${imports.join('')}
/** Every check by its id. Loading it loads rules and options only; what a check runs is loaded when it runs. */
export const registry = {
${entries.join('')}}

export const checks: readonly Check[] = Object.values(registry)

/** Rules by the short number that some have. */
export const ruleOfAlias: ReadonlyMap<string, RuleId> = new Map(checks.flatMap(({ rules }) => rules.flatMap(({ alias, id }) => (alias === undefined ? [] : [[alias, id] as const]))))
`
}

const nameOf = (id: string) => id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

/** Writes `registry.ts` beside the folders of checks. */
export function writeRegistry(directory: string): void {
  writeFileSync(join(directory, 'registry.ts'), renderRegistry(listChecks(directory)))
}

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true })
  writeRegistry(positionals[0] ?? join(import.meta.dirname, '../src/checks'))
}
