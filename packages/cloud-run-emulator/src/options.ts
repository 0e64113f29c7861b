import { parseArgs } from 'node:util'
import type { EmulatorOptions } from './emulator.ts'
import { EmulatorError } from './error.ts'
import { isJsonObject } from './resource/proto-json.ts'

const texts = ['stateDir', 'layoutDir', 'imagesDir', 'project', 'location', 'runtime'] as const
const ports = ['frontPort', 'adminPort'] as const
/** Whole numbers, and the least that they may be. */
const counts = { idleSeconds: 0, maxInstances: 1 } as const
const runtimes = ['auto', 'bubblewrap', 'loader', 'docker']
const countNames = Object.keys(counts) as (keyof typeof counts)[]
const names = [...texts, ...ports, ...countNames, 'pull']
/** What may be asked for. */
export const optionNames: readonly string[] = names

/** What the command line asks for: one argument of JSON, or flags of the same names (`--state-dir DIR --front-port 8080`). */
export function parseOptions(args: readonly string[]): EmulatorOptions {
  const given = args.length === 1 && args[0]?.startsWith('{') ? fromJson(args[0]) : fromFlags(args)
  const unknown = Object.keys(given).find((name) => !(names as readonly string[]).includes(name))
  if (unknown !== undefined) throw invalid(`There is no option ${JSON.stringify(unknown)}`)
  for (const name of texts) {
    if (given[name] !== undefined && typeof given[name] !== 'string') throw invalid(`${name} is not text`)
  }
  for (const name of ports) {
    const port = given[name]
    if (port !== undefined && !(typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535))
      throw invalid(`${name} is not a port`)
  }
  for (const name of countNames) {
    const count = given[name]
    if (count !== undefined && !(typeof count === 'number' && Number.isSafeInteger(count) && count >= counts[name]))
      throw invalid(`${name} is not a whole number from ${counts[name]}`)
  }
  if (given['pull'] !== undefined && typeof given['pull'] !== 'boolean') throw invalid('pull is not true or false')
  if (given['stateDir'] === undefined || given['layoutDir'] === undefined) throw invalid('stateDir and layoutDir are needed')
  if (given['runtime'] !== undefined && !runtimes.includes(String(given['runtime'])))
    throw invalid(`runtime is not one of ${runtimes.join(', ')}`)
  return given as unknown as EmulatorOptions
}

function fromJson(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw invalid('The argument is not JSON', cause)
  }
  if (!isJsonObject(value)) throw invalid('The argument is not a JSON object')
  return { ...value }
}

function fromFlags(args: readonly string[]): Record<string, unknown> {
  const flagOf = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const options = Object.fromEntries(names.map((name) => [flagOf(name), { type: name === 'pull' ? ('boolean' as const) : ('string' as const) }]))
  let values: Readonly<Record<string, unknown>>
  try {
    values = parseArgs({ args: [...args], options, strict: true }).values
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause), cause)
  }
  const isNumber = (name: string) => ([...ports, ...countNames] as readonly string[]).includes(name)
  return Object.fromEntries(
    names
      .filter((name) => values[flagOf(name)] !== undefined)
      .map((name) => [name, isNumber(name) ? numberOf(values[flagOf(name)]) : values[flagOf(name)]]),
  )
}

/** `Number('')` is 0, which would mean any port. */
function numberOf(text: unknown): unknown {
  return typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : text
}

function invalid(message: string, cause?: unknown): EmulatorError {
  return new EmulatorError('options-invalid', message, {
    ...(cause === undefined ? {} : { cause }),
    hint: 'docs/local-cloud-run.md has the options.',
  })
}
