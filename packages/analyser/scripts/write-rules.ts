import { readdirSync, writeFileSync } from 'node:fs'

/** Writes `src/rules/index.ts`, the list of all rules: one folder, one rule. */
const directory = new URL('../src/rules/', import.meta.url)
const names = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).toSorted()
const variable = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
const text = `// Written by scripts/write-rules.ts: one folder, one rule.
${names.map((name) => `import ${variable(name)} from './${name}/index.ts'`).join('\n')}
import type { AnalyserRule } from './rule.ts'

export const rules: readonly AnalyserRule[] = [
${names.map((name) => `  ${variable(name)},`).join('\n')}
]
`
writeFileSync(new URL('index.ts', directory), text)
