import { posix } from 'node:path'
import { fail, ok, type Result } from '@shiplock/findings'
import { checkValues } from './check-values.ts'
import type { Config } from './config.ts'
import type { ConfigProblem, Diagnostic } from './diagnostic.ts'
import { fillDefaults } from './fill-defaults.ts'
import { parsePackage, type PackageFacts } from './package-facts.ts'
import { parseConfig } from './parse-config.ts'
import type { CheckOptions } from './schema.ts'
import { sourceText, type SourceText } from './source-text.ts'

/** The names that are looked for at the root. More than one is an error: it would not be seen which of them counts. */
export const configNames = ['shiplock.config.ts', 'shiplock.config.mts', 'shiplock.config.js', 'shiplock.config.mjs'] as const

const maxFileBytes = 1024 * 1024

export interface ReadConfigOptions {
  /**
   * Content of a file by its path relative to the root, undefined where there is none. The failure of a file that is
   * there but cannot be read says why.
   */
  readonly readFile: (path: string) => Promise<Result<Uint8Array, { readonly message: string; readonly hint?: string }> | undefined>
  /** `--config`: this file and no other. */
  readonly path?: string
  readonly checks: readonly CheckOptions[]
}

export interface ConfigReading {
  readonly config: Config
  /** The file that it came from; absent where the defaults serve. */
  readonly path?: string
}

/**
 * Finds, parses and checks the config and fills in the defaults. No file at all is fine: the defaults serve. Nothing of
 * the file is ever executed.
 */
export async function readConfig(options: ReadConfigOptions): Promise<Result<ConfigReading, ConfigProblem>> {
  const found = await findFile(options)
  if (!found.ok) return problem(found.failure)
  const source = found.value
  const literal = source ? await parseConfig(source) : ok(undefined)
  if (!literal.ok) return problem(literal.failure, source)
  const written = source && literal.value && { source, literal: literal.value }
  const values = checkValues(written, options.checks)
  if (!values.ok) return problem(values.failure, source)
  const { directory } = values.value.service ?? { directory: '.' }
  const packagePath = posix.join(directory, 'package.json')
  const facts = await readPackage(packagePath, options)
  if (!facts.ok) return problem(facts.failure)
  const hasDockerfile = (await options.readFile(posix.join(directory, 'Dockerfile'))) !== undefined
  const config = fillDefaults(values.value, { written, packagePath, facts: facts.value, hasDockerfile, checks: options.checks })
  return config.ok ? ok({ config: config.value, ...(source && { path: source.path }) }) : problem(config.failure, source)
}

async function findFile({ readFile, path }: ReadConfigOptions): Promise<Result<SourceText | undefined, Diagnostic[]>> {
  const wanted: readonly string[] = path === undefined ? configNames : [path]
  const files = await Promise.all(wanted.map(async (name) => ({ name, content: await readFile(name) })))
  const [first, ...others] = files.filter((file) => file.content !== undefined)
  if (!first?.content) {
    if (path === undefined) return ok(undefined)
    return fail([{ path, message: 'there is no such file', hint: `name the config after --config, or call the file ${configNames[0]}` }])
  }
  if (others.length > 0) {
    const names = [first, ...others].map(({ name }) => name)
    const message = `there is more than one config: ${names.join(', ')}`
    return fail([{ path: first.name, message, hint: 'keep one of them, or name one with --config' }])
  }
  const text = decode(first.name, first.content)
  return text.ok ? ok(sourceText(first.name, text.value)) : fail([text.failure])
}

function decode(path: string, content: Result<Uint8Array, { message: string; hint?: string }>): Result<string, Diagnostic> {
  if (!content.ok) return fail({ path, ...content.failure })
  if (content.value.length > maxFileBytes) return fail({ path, message: 'the file is larger than 1 MB', hint: 'remove what is not config' })
  try {
    // With the byte order mark, or offsets would not be those of the file.
    return ok(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content.value))
  } catch {
    return fail({ path, message: 'the file is not UTF-8 text', hint: 'save it as UTF-8' })
  }
}

async function readPackage(path: string, { readFile }: ReadConfigOptions): Promise<Result<PackageFacts | undefined, Diagnostic[]>> {
  const content = await readFile(path)
  if (!content) return ok(undefined)
  const text = decode(path, content)
  if (!text.ok) return fail([text.failure])
  const facts = parsePackage(text.value)
  if (facts.ok) return facts
  const message = `the file is not a package.json: ${facts.failure}`
  return fail([{ path, message, hint: 'correct it: defaults of the config come from it' }])
}

function problem(diagnostics: readonly Diagnostic[], source?: SourceText): Result<never, ConfigProblem> {
  return fail({ diagnostics, sources: new Map(source && [[source.path, source.text]]) })
}
