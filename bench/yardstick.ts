// The analyser on published vulnerabilities, before and after their fixes, scored by a judge that is not ours.
//
//   node bench/yardstick.ts --cases DIR --judge score.mjs
//     --cases: DIR/<case>/{vuln,fixed} are the trees     --judge: reads SARIF as DIR/<case>.{vuln,fixed}.sarif and prints its figures as JSON
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { analyse, findingsOf, rules } from '../packages/analyser/src/index.ts'
import { writeResult } from './result.ts'

const { values } = parseArgs({ options: { cases: { type: 'string' }, judge: { type: 'string' } } })
if (values.cases === undefined || values.judge === undefined) throw new Error('say where the cases and their judge are: --cases DIR --judge FILE')

const cwesOf = new Map(rules.map(({ id, cwe, alsoCwe = [] }) => [id, [cwe, ...alsoCwe].map((name) => `external/cwe/${name.toLowerCase().replace(/-(\d+)$/, (_, number: string) => `-${number.padStart(3, '0')}`)}`)]))
const source = /\.(?:[cm]?[jt]sx?|es6|vue|svelte)$/
const out = mkdtempSync(join(tmpdir(), 'yardstick-'))
let lines = 0
const started = process.cpuUsage()
try {
  for (const name of readdirSync(values.cases)) {
    for (const version of ['vuln', 'fixed']) {
      const directory = join(values.cases, name, version)
      const texts = new Map<string, string>()
      const documents = new Map<string, string>()
      for (const path of filesBelow(directory)) {
        const text = readFileSync(path, 'utf8')
        if (source.test(path) || /^#!.*\bnode\b/.test(text)) texts.set(relative(directory, path), text)
        else if (/(?:package|tsconfig)\.json$/.test(path)) documents.set(relative(directory, path), text)
      }
      const findings = findingsOf(analyse(texts, documents), texts)
      for (const text of texts.values()) lines += text.split('\n').length
      const results = findings.map(({ rule, message, location }) => ({
        ruleId: rule,
        message: { text: message },
        locations: [{ physicalLocation: { artifactLocation: { uri: encodeURI(location!.path) }, region: { startLine: location!.startLine, endLine: location!.endLine } } }],
      }))
      const driver = { name: 'shiplock', rules: rules.map(({ id }) => ({ id, properties: { tags: cwesOf.get(id) } })) }
      writeFileSync(join(out, `${name}.${version}.sarif`), JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver }, results }] }))
    }
  }
  const { user, system } = process.cpuUsage(started)
  const scores = join(out, 'score.json')
  const judged = spawnSync(process.execPath, [values.judge, '--name', 'shiplock', '--sarif', out, '--dir', values.cases, '--json', scores, '--quiet'], { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (judged.status !== 0) throw new Error(judged.stderr)
  const { totals, byClass, cases } = JSON.parse(readFileSync(scores, 'utf8')) as Score
  console.table(byClass)
  writeResult('yardstick', { figures: { ...totals, lines, cpuSeconds: (user + system) / 1e6, linesPerCpuSecond: lines / ((user + system) / 1e6) }, byClass, open: openCases(cases) })
} finally {
  rmSync(out, { recursive: true, force: true })
}

interface Score {
  readonly totals: Record<string, number>
  readonly byClass: Record<string, Record<string, number>>
  readonly cases: readonly { readonly cve: string; readonly detected: boolean; readonly relevant: boolean; readonly relDiscriminated: boolean }[]
}

/** Cases that are not told apart from their fixes, by what came out: their causes are in docs/sast.md. */
function openCases(cases: Score['cases']) {
  const names = (isMeant: (one: Score['cases'][number]) => boolean) => cases.filter(isMeant).map(({ cve }) => cve)
  return { missed: names(({ detected }) => !detected), otherRule: names(({ detected, relevant }) => detected && !relevant), alsoOnTheFix: names(({ relevant, relDiscriminated }) => relevant && !relDiscriminated) }
}

function* filesBelow(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (entry.isFile()) yield path
  }
}
