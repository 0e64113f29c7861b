// What each stage of the analysis costs, one after the other in one thread that begins cold: CPU milliseconds, and the largest
// resident memory once it is done. `bench/sast.ts` starts this in a process of its own. Prints JSON.
//   node bench/sast-stages.ts TREE        the regular expressions of the tree, as [pattern, flags], come on standard input
import { readFileSync, readdirSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { join, relative } from 'node:path'
import { analyseModels, decodeModel, judge, linkModules, modelFile } from '../packages/analyser/src/index.ts'
import { encodeModel, headOf } from '../packages/analyser/src/model/encoded.ts'
import { parseText } from '../packages/analyser/src/model/parse-text.ts'
import { analyseOnce } from '../packages/analyser/src/model/regexes.ts'

export interface Stage {
  readonly cpuMs: number
  readonly largestRssMb: number
}

const [tree = '.'] = process.argv.slice(2)
const stages: Record<string, Stage> = {}

/** The expressions' and the parser's share of modelling is measured before it, by itself. */
function stage<T>(name: string, work: () => T, beforeMs = 0): T {
  const from = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(from)
  stages[name] = { cpuMs: Math.round((user + system) / 1000 - beforeMs), largestRssMb: Math.round((process.resourceUsage().maxRSS * 1024) / 1e6) }
  return result
}

const expressions = JSON.parse(await text(process.stdin)) as [string, string][]
const documents = new Map<string, string>()
const sources = stage('read', () => {
  const found = new Map<string, string>()
  for (const entry of readdirSync(tree, { recursive: true, withFileTypes: true })) {
    const path = relative(tree, join(entry.parentPath, entry.name))
    if (!entry.isFile() || /(?:^|\/)\./.test(path)) continue
    if (/\.[cm]?[jt]s$/.test(path)) found.set(path, readFileSync(join(tree, path), 'utf8'))
    else if (path.endsWith('.json')) documents.set(path, readFileSync(join(tree, path), 'utf8'))
  }
  return found
})
stage('expressions', () => expressions.forEach(([pattern, flags]) => analyseOnce(pattern, flags)))
stage('parse', () => {
  for (const [path, source] of sources) void parseText(path, source, { lang: path.endsWith('ts') ? 'ts' : 'jsx', sourceType: 'module', preserveParens: false }).program
})
const models = stage('model', () => [...sources].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([path, source]) => modelFile(path, source)), stages['parse']!.cpuMs)
const received = stage('transfer', () => models.map((model) => decodeModel(encodeModel(model))))
const modules = stage('link', () => linkModules(received.map(headOf), documents))
const byPath = new Map(received.map((model) => [model.path, model]))
const analyses = stage('flow', () => modules.units.map((unit) => analyseModels(unit.map((path) => byPath.get(path)!), modules)))
const findings = stage('rules', () => analyses.flatMap((analysis) => judge(analysis, sources).findings))
process.stdout.write(JSON.stringify({ stages, lines: models.reduce((sum, { lines }) => sum + lines, 0), findings: findings.length }))
