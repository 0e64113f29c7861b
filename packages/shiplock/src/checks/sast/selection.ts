import { withoutExcluded, type Exclusion } from '../exclusion.ts'
import type { SastOptions } from './index.ts'

const source = /\.(?:[cm]?[jt]sx?|es6|vue|svelte|ejs|eta|pug|jade|hbs|handlebars|mustache|njk|nunjucks|swig|twig|liquid)$/i
const test = /(?:^|\/)(?:__tests__|__mocks__|__fixtures__|tests?|specs?|e2e|fixtures?|testdata|mocks?|bench(?:marks?)?|cypress)\/|[._-](?:test|tests|spec|cy|e2e|bench|stories)\.\w+$/i
const generated = /(?:^|\/)(?:dist|build|out|coverage|\.next|\.nuxt|\.svelte-kit|\.output|vendor|vendored|third[-_]party|bower_components|jspm_packages|\.yarn)\//i
/** Declarations hold no code. */
const declaration = /\.d\.[cm]?ts$/i

/** What others wrote, wherever it is loaded from. */
const vendored = /(?:^|\/)(?:vendor|vendored|third[-_]party|bower_components|jspm_packages|\.yarn)\//i
/** What pages load: files in folders that servers hand out as they are, or that others wrote. */
const served = /(?:^|\/)(?:public|static|assets|www|wwwroot|htdocs|vendor|vendored|third[-_]party|bower_components)\//i

export const isTest = (path: string): boolean => test.test(path)
export const isServed = (path: string): boolean => served.test(path)

/** Which source files are judged, and how many are left out and why. */
export interface Selection {
  readonly judged: readonly string[]
  /** Of those that are left out as tests or as built: what is judged as well where the program loads it. */
  readonly ifLoaded: readonly string[]
  readonly tests: number
  readonly generated: number
  readonly exclusion: Exclusion
}

/** A command without an extension says in its first line that Node runs it. */
export const isCommand = (text: string): boolean => /^#!.*\b(?:node|nodejs|bun|deno|tsx|ts-node)\b/.test(text.slice(0, 200))

/** `commands`: those of `paths` that are source although their name does not say so. */
export function selectSources(paths: readonly string[], options: SastOptions, commands: ReadonlySet<string> = new Set()): Selection {
  const sources = paths.filter((path) => (source.test(path) && !declaration.test(path)) || commands.has(path))
  const exclusion = withoutExcluded(sources, options.exclude)
  const { kept: named } = exclusion
  const untested = options.tests ? named : named.filter((path) => !test.test(path))
  const written = options.generated ? untested : untested.filter((path) => !generated.test(path))
  // An unpacked package may hold nothing but what was built.
  const judged = written.length > 0 ? written : untested
  const chosen = new Set(judged)
  const ifLoaded = named.filter((path) => !chosen.has(path) && !vendored.test(path))
  return { judged, ifLoaded, tests: named.length - untested.length, generated: untested.length - judged.length, exclusion }
}
