// The analysis of regular expressions, and what npm has beside it, on the literals of popular packages, each distinct one once:
// how many each calls vulnerable, which of those the engine itself confirms, and how long each takes. A literal counts as vulnerable
// where an attack of anyone's makes V8 take disproportionately longer as the input grows: it alone is the judge. Prints JSON.
//   node bench/redos.ts [--most 4000] [--scratch DIR]        DIR: where the packages are unpacked, kept for the next time
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { parseSync } from 'oxc-parser'
import type { RegexAnalysis } from '../packages/analyser/src/redos/analyse.ts'
import { analyseRegex } from '../packages/analyser/src/redos/analyse.ts'
import { median, writeResult } from './result.ts'

const { values } = parseArgs({ options: { most: { type: 'string', default: '4000' }, scratch: { type: 'string' }, judge: { type: 'boolean', default: false }, peer: { type: 'string' } } })

const packages = `
  express koa fastify hono body-parser qs cookie path-to-regexp send ws socket.io axios got undici node-fetch form-data mime-types formidable multer nodemailer
  lodash moment dayjs luxon date-fns validator ajv joi yup zod semver minimatch micromatch glob fast-glob chalk debug commander yargs inquirer
  marked markdown-it remark-parse showdown highlight.js prismjs sanitize-html dompurify cheerio jsdom parse5 handlebars ejs pug mustache nunjucks js-yaml yaml toml ini
  postcss autoprefixer sass less terser uglify-js acorn esprima @babel/core typescript rollup webpack prettier eslint jest-diff mocha chai react-dom vue jquery
  mysql2 pg mongoose knex sequelize redis winston pino ua-parser-js useragent xml2js fast-xml-parser csv-parse papaparse uuid nanoid jsonwebtoken passport dotenv shelljs
`.trim().split(/\s+/)
const peers = ['recheck', 'safe-regex2', 'eslint', 'eslint-plugin-regexp']

interface Literal {
  readonly pattern: string
  readonly flags: string
}
/** Every pump is repeated as often as the others. */
interface Attack {
  readonly parts: readonly { readonly prefix: string; readonly pump: string }[]
  readonly suffix: string
}

/** In the engine: does the match take disproportionately longer on longer inputs? */
function isSlow({ pattern, flags, attack: { parts, suffix } }: Literal & { readonly attack: Attack }): boolean {
  const context = createContext({ expression: new RegExp(pattern, flags), text: '' })
  const cpuMs = (length: number): number => {
    const times = Math.max(1, Math.floor(length / parts.reduce((sum, { pump }) => sum + pump.length, 0)))
    context.text = parts.map(({ prefix, pump }) => prefix + pump.repeat(times)).join('') + suffix
    const before = process.cpuUsage()
    try {
      runInContext(flags.includes('g') ? `text.replace(expression, '')` : 'expression.lastIndex = 0; expression.test(text)', context, { timeout: 1000 })
    } catch (error) {
      // Of the context's own Error, which is not ours.
      if ((error as { code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
      return Infinity
    }
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
  // Once for the compiler: V8 interprets an expression the first time.
  cpuMs(50)
  let last = cpuMs(250)
  for (let length = 500; length <= 128_000; length *= 2) {
    const ms = cpuMs(length)
    // Four times is quadratic, twice linear.
    if (ms === Infinity || (ms >= 12 && ms / last >= 2.8)) {
      if (ms === Infinity || cpuMs(length) / cpuMs(length / 2) >= 2.8) return true
    }
    if (ms > 500) return false
    last = ms
  }
  return false
}

/** A process of this file in another part, which answers a line of JSON with one. */
function ask<In, Out>(args: readonly string[], inputs: readonly In[], env: NodeJS.ProcessEnv = {}): Promise<Out[]> {
  const child = spawn(process.execPath, [import.meta.filename, ...args], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } })
  const answers: Out[] = []
  createInterface({ input: child.stdout }).on('line', (line) => answers.push(JSON.parse(line)))
  child.stdin.end(inputs.map((input) => `${JSON.stringify(input)}\n`).join(''))
  return new Promise((resolve, reject) => child.on('close', (status) => (status === 0 && answers.length === inputs.length ? resolve(answers) : reject(new Error(`${args.join(' ')} ended with ${status} after ${answers.length} of ${inputs.length} answers`)))))
}

async function answer<In>(answerOne: (input: In) => unknown): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) process.stdout.write(`${JSON.stringify(answerOne(JSON.parse(line)))}\n`)
}

interface PeerAnswer {
  readonly vulnerable: boolean
  readonly attack?: Attack
  readonly ms: number
}

/** Each peer by its own call. Those of ESLint by its linter, on a file of one line. */
function peerNamed(name: string, scratch: string): (literal: Literal) => Omit<PeerAnswer, 'ms'> {
  const require = createRequire(join(scratch, 'package.json'))
  if (name === 'recheck') {
    const { checkSync } = require('recheck')
    return ({ pattern, flags }) => {
      const { status, attack } = checkSync(pattern, flags, { timeout: 1000 })
      return { vulnerable: status === 'vulnerable', ...(attack && { attack: { parts: attack.pumps, suffix: attack.suffix } }) }
    }
  }
  if (name === 'safe-regex2') {
    const safe = require('safe-regex2')
    return ({ pattern }) => ({ vulnerable: !(safe.default ?? safe)(pattern) })
  }
  const { Linter } = require('eslint')
  const plugin = require('eslint-plugin-regexp')
  const linter = new Linter()
  const config = [{ plugins: { regexp: plugin }, rules: Object.fromEntries(name.split('+').map((rule) => [`regexp/${rule}`, 'error'])) }]
  return ({ pattern, flags }) => ({ vulnerable: linter.verify(`(/${pattern}/${flags})`, config).length > 0 })
}

function timed<T>(work: () => T): [T, number] {
  const started = process.cpuUsage()
  const from = performance.now()
  const result = work()
  // Wall time has the resolution, CPU time the immunity to what else the machine does.
  const { user, system } = process.cpuUsage(started)
  return [result, Math.min(performance.now() - from, Math.max((user + system) / 1000, 0.001))]
}

/** All distinct literals of the packages, in an order that has nothing to do with where they come from. */
function literalsIn(scratch: string): Literal[] {
  const found = new Map<string, Literal>()
  for (const name of packages)
    for (const path of globSync('**/*.{js,cjs,mjs}', { cwd: join(scratch, 'node_modules', name), exclude: (entry) => entry === 'node_modules' })) {
      const file = join(scratch, 'node_modules', name, path)
      const text = readFileSync(file, 'utf8')
      if (text.length > 2_000_000 || path.includes('.min.')) continue
      const visit = (node: unknown): void => {
        if (typeof node !== 'object' || node === null) return
        if ('regex' in node && node.regex) {
          const { pattern, flags } = node.regex as Literal
          try {
            found.set(`${new RegExp(pattern, flags)}`, { pattern, flags })
          } catch {
            // Invalid in this engine: nothing to judge it by.
          }
        }
        for (const value of Object.values(node)) if (Array.isArray(value)) value.forEach(visit)
        else visit(value)
      }
      visit(parseSync(file, text).program)
    }
  const hash = (literal: Literal) => createHash('sha256').update(`/${literal.pattern}/${literal.flags}`).digest('hex')
  return [...found.values()].map((literal) => [hash(literal), literal] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, literal]) => literal)
}

async function measure(scratch: string): Promise<void> {
  if (!existsSync(join(scratch, 'node_modules'))) {
    mkdirSync(scratch, { recursive: true })
    writeFileSync(join(scratch, 'package.json'), JSON.stringify({ name: 'redos-bench', private: true }))
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps', ...new Set([...packages, ...peers])], { cwd: scratch, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  const all = literalsIn(scratch)
  const literals = all.slice(0, Number(values.most))
  const asked = Object.entries({ recheck: 'recheck', 'safe-regex2': 'safe-regex2', 'eslint-plugin-regexp': 'no-super-linear-backtracking+no-super-linear-move' })
  const peersAnswer = asked.map(async ([name, peer]) => [name, await ask<Literal, PeerAnswer>(['--peer', peer, '--scratch', scratch], literals, { RECHECK_BACKEND: 'pure', RECHECK_SYNC_BACKEND: 'pure' })] as const)
  const ours = literals.map(({ pattern, flags }) => timed(() => analyseRegex(pattern, flags)))
  const isOurs = ({ kind }: RegexAnalysis) => kind === 'polynomial' || kind === 'exponential'
  const answers: [string, PeerAnswer[]][] = [['shiplock', ours.map(([analysis, ms]) => ({ vulnerable: isOurs(analysis), ...(analysis.attack && { attack: { parts: [analysis.attack], suffix: analysis.attack.suffix } }), ms }))], ...(await Promise.all(peersAnswer)).map(([name, given]): [string, PeerAnswer[]] => [name, given])]

  // The judge is asked about every attack that anyone has.
  const trials = literals.flatMap((literal, index) => answers.flatMap(([, given]) => (given[index]?.attack ? [{ index, ...literal, attack: given[index].attack }] : [])))
  const verdicts = await ask<(typeof trials)[number], boolean>(['--judge'], trials)
  const confirmed = new Set(trials.filter((_, i) => verdicts[i]).map(({ index }) => index))
  const refused = answers[0]?.[1].flatMap(({ vulnerable }, index) => (vulnerable && !confirmed.has(index) ? [literals[index] as Literal] : [])) ?? []
  const missed = [...confirmed].filter((index) => !answers[0]?.[1][index]?.vulnerable).map((index) => ({ ...(literals[index] as Literal), kind: ours[index]?.[0].kind }))

  const rows = answers.map(([name, given]) => {
    const called = given.filter(({ vulnerable }) => vulnerable).length
    const right = given.filter(({ vulnerable }, index) => vulnerable && confirmed.has(index)).length
    const ms = given.map((one) => one.ms)
    return { name, called, confirmed: right, precision: called === 0 ? null : Number((right / called).toFixed(3)), recall: Number((right / confirmed.size).toFixed(3)), medianMs: Number(median(ms).toPrecision(3)), maximumMs: Number(Math.max(...ms).toPrecision(3)), totalMs: Number(ms.reduce((sum, one) => sum + one, 0).toPrecision(3)) }
  })
  const agreement = Object.fromEntries(rows.slice(1).map(({ name }, peer) => {
    const theirs = answers[peer + 1]?.[1] ?? []
    const count = (we: boolean, they: boolean, real: boolean) => theirs.filter((one, index) => answers[0]?.[1][index]?.vulnerable === we && one.vulnerable === they && confirmed.has(index) === real).length
    return [name, { bothConfirmed: count(true, true, true), bothUnconfirmed: count(true, true, false), onlyWeConfirmed: count(true, false, true), onlyWeUnconfirmed: count(true, false, false), onlyTheyConfirmed: count(false, true, true), onlyTheyUnconfirmed: count(false, true, false) }]
  }))
  const kinds = Object.groupBy(ours, ([{ kind }]) => kind)
  const [we] = rows
  writeResult('redos', {
    figures: { literals: literals.length, 'distinct literals in the packages': all.length, packages: packages.length, 'vulnerable in V8': confirmed.size, precision: we?.precision ?? Number.NaN, recall: we?.recall ?? Number.NaN, 'median ms': we?.medianMs ?? Number.NaN, 'maximum ms': we?.maximumMs ?? Number.NaN },
    kinds: Object.fromEntries(Object.entries(kinds).map(([kind, given]) => [kind, given?.length])),
    rows,
    agreement,
    unconfirmed: refused.map(({ pattern, flags }) => `/${pattern}/${flags}`.slice(0, 200)).toSorted(),
    missed: missed.map(({ pattern, flags, kind }) => `${kind}: /${pattern}/${flags}`.slice(0, 200)).toSorted(),
  })
}

if (values.judge) await answer(isSlow)
else if (values.peer !== undefined) {
  const check = peerNamed(values.peer, values.scratch ?? '')
  await answer((literal: Literal) => {
    const [result, ms] = timed(() => check(literal))
    return { ...result, ms }
  })
} else {
  const scratch = values.scratch ?? mkdtempSync(join(tmpdir(), 'shiplock-bench-redos-'))
  try {
    await measure(scratch)
  } finally {
    if (values.scratch === undefined) rmSync(scratch, { recursive: true, force: true })
  }
}
