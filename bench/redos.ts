// The analysis of regular expressions, and what npm has beside it, on the literals of popular packages, each distinct one once:
// how many each calls vulnerable, which of those the engine itself confirms, and how long each takes. A literal counts as vulnerable
// where an attack of anyone's makes V8 take disproportionately longer as the input grows: it alone is the judge. Prints JSON.
//   node bench/redos.ts [--most 4000] [--compared 1000] [--scratch DIR]        DIR: where the packages are unpacked, kept for the next time
// The peers are asked about the first 1000: one of them takes minutes for those.
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

const { values } = parseArgs({ options: { most: { type: 'string', default: '4000' }, compared: { type: 'string', default: '1000' }, scratch: { type: 'string' }, judge: { type: 'boolean', default: false }, peer: { type: 'string' } } })

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
  createInterface({ input: child.stdout }).on('line', (text) => answers.push(JSON.parse(text)))
  child.stdin.end(inputs.map((input) => `${line(input)}\n`).join(''))
  return new Promise((resolve, reject) => child.on('close', (status) => (status === 0 && answers.length === inputs.length ? resolve(answers) : reject(new Error(`${args.join(' ')} ended with ${status} after ${answers.length} of ${inputs.length} answers`)))))
}

async function answer<In>(answerOne: (input: In) => unknown): Promise<void> {
  for await (const input of createInterface({ input: process.stdin })) process.stdout.write(`${line(answerOne(JSON.parse(input)))}\n`)
}

/** JSON on what readline takes for one line: it also ends one at the two separators of Unicode. */
function line(value: unknown): string {
  return JSON.stringify(value).replace(/[\u2028\u2029]/g, (separator) => `\\u${separator.charCodeAt(0).toString(16)}`)
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
      const { status, attack } = checkSync(pattern, flags, { timeout: 5000 })
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
  const list = join(scratch, 'literals.json')
  if (!existsSync(list)) writeFileSync(list, JSON.stringify(literalsIn(scratch)))
  const found: Literal[] = JSON.parse(readFileSync(list, 'utf8'))
  const literals = found.slice(0, Number(values.most))
  const ours = literals.map(({ pattern, flags }) => timed(() => analyseRegex(pattern, flags)))
  const isOurs = ({ kind }: RegexAnalysis) => kind === 'polynomial' || kind === 'exponential'
  const we = ours.map(([analysis, ms]): PeerAnswer => ({ vulnerable: isOurs(analysis), ...(analysis.attack && { attack: { parts: [analysis.attack], suffix: analysis.attack.suffix } }), ms }))

  // The judge is asked about every attack that anyone has, ours while the peers are still at work.
  const confirmed = new Set<number>()
  const judge = async (given: readonly PeerAnswer[]) => {
    const trials = given.flatMap(({ attack }, index) => (attack && !confirmed.has(index) ? [{ index, ...(literals[index] as Literal), attack }] : []))
    for (const [trial, isConfirmed] of (await ask<(typeof trials)[number], boolean>(['--judge'], trials)).entries()) if (isConfirmed) confirmed.add(trials[trial]?.index as number)
  }
  const compared = literals.slice(0, Number(values.compared))
  const asked = Object.entries({ recheck: 'recheck', 'safe-regex2': 'safe-regex2', 'eslint-plugin-regexp': 'no-super-linear-backtracking+no-super-linear-move' })
  const [, ...theirs] = await Promise.all([judge(we), ...asked.map(async ([name, peer]): Promise<[string, PeerAnswer[]]> => [name, await ask(['--peer', peer, '--scratch', scratch], compared, { RECHECK_BACKEND: 'pure', RECHECK_SYNC_BACKEND: 'pure' })])])
  for (const [, given] of theirs) await judge(given)

  const ratio = (part: number, whole: number) => (whole === 0 ? null : Number((part / whole).toFixed(3)))
  const row = (name: string, given: readonly PeerAnswer[]) => {
    const called = given.filter(({ vulnerable }) => vulnerable).length
    const right = given.filter(({ vulnerable }, index) => vulnerable && confirmed.has(index)).length
    const real = given.filter((_, index) => confirmed.has(index)).length
    const ms = given.map((one) => one.ms)
    return { name, literals: given.length, vulnerable: real, called, confirmed: right, precision: ratio(right, called), recall: ratio(right, real), medianMs: Number(median(ms).toPrecision(3)), maximumMs: Number(Math.max(...ms).toPrecision(3)), totalMs: Number(ms.reduce((sum, one) => sum + one, 0).toPrecision(3)) }
  }
  const agreement = Object.fromEntries(theirs.map(([name, given]) => {
    const count = (ourCall: boolean, theirCall: boolean, real: boolean) => given.filter((one, index) => we[index]?.vulnerable === ourCall && one.vulnerable === theirCall && confirmed.has(index) === real).length
    return [name, { bothConfirmed: count(true, true, true), bothUnconfirmed: count(true, true, false), onlyWeConfirmed: count(true, false, true), onlyWeUnconfirmed: count(true, false, false), onlyTheyConfirmed: count(false, true, true), onlyTheyUnconfirmed: count(false, true, false) }]
  }))
  const all = row('shiplock', we)
  const named = (index: number) => `${ours[index]?.[0].kind}: /${literals[index]?.pattern}/${literals[index]?.flags}`.slice(0, 200)
  const indexes = literals.map((_, index) => index)
  writeResult('redos', {
    figures: { packages: packages.length, 'distinct literals in them': found.length, literals: literals.length, 'called vulnerable': all.called, 'of them slow in V8': all.confirmed, precision: all.precision ?? Number.NaN, 'median ms': all.medianMs, 'maximum ms': all.maximumMs, 'total ms': all.totalMs },
    kinds: Object.fromEntries(Object.entries(Object.groupBy(ours, ([{ kind }]) => kind)).map(([kind, given]) => [kind, given?.length])),
    compared: [row('shiplock', we.slice(0, compared.length)), ...theirs.map(([name, given]) => row(name, given))],
    agreement,
    unconfirmed: indexes.filter((index) => we[index]?.vulnerable && !confirmed.has(index)).map(named).toSorted(),
    missed: indexes.filter((index) => !we[index]?.vulnerable && confirmed.has(index)).map(named).toSorted(),
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
