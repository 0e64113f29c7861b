import { fileURLToPath } from 'node:url'
import type { ToolContext } from '../check.ts'
import { quote, splitCommands, type Word } from './shell-commands.ts'

/** Runners whose reports we know how to ask for. */
export const runners = ['vitest', 'jest', 'mocha', 'node'] as const
export type Runner = (typeof runners)[number]

/** A script with flags added that make its runners report to us. */
export interface Instrumented {
  readonly script: string
  readonly runners: readonly Runner[]
}

export interface InstrumentOptions {
  readonly wantsCoverage: boolean
  /** Of the Vitest that is installed, `3.1.0`; absent where there is none. */
  readonly vitestVersion?: string
}

/** Where the runners write, as environment variables that the shell expands: `run.ts` sets them. */
const coverageDirectory = '"$SHIPLOCK_TEST_COVERAGE"'
const junitFile = '"$SHIPLOCK_TEST_JUNIT"'

/** Adds a reporter of ours, beside those that the script asks for, to every runner in it. */
export function instrument(script: string, options: InstrumentOptions): Instrumented {
  const found: Runner[] = []
  let text = script
  // From the end, so that the positions of what comes before stay true.
  for (const words of splitCommands(script).toReversed()) {
    const use = findRunner(words)
    if (!use) continue
    found.push(use.runner)
    text = `${text.slice(0, use.word.end)} ${flags(use.runner, words, options).join(' ')}${text.slice(use.word.end)}`
  }
  return { script: text, runners: [...new Set(found)].toReversed() }
}

function findRunner(words: readonly Word[]): { runner: Runner; word: Word } | undefined {
  for (const word of words) {
    const name = word.text.split('/').at(-1)
    if (name === 'vitest' || name === 'jest' || name === 'mocha') return { runner: name, word }
    // `node --test`, and programs that hand their flags to node. A program that uses node:test without `--test` reports too.
    if (name === 'node' || name === 'tsx')
      return words.some(({ text }) => text === '--test') || isTestFile(words.at(-1)) ? { runner: 'node', word } : undefined
  }
  return undefined
}

const isTestFile = (word: Word | undefined) => /(?:^|[/.-])tests?(?:[/.-]|$)/.test(word?.text ?? '')

const reporterPath = (name: string) => quote(fileURLToPath(new URL(`./reporters/${name}`, import.meta.url)))

function flags(runner: Runner, words: readonly Word[], { wantsCoverage, vitestVersion }: InstrumentOptions): string[] {
  switch (runner) {
    case 'vitest':
      return [
        ...(hasFlag(words, '--reporter') ? [] : ['--reporter=default']),
        ...(isOldVitest(vitestVersion)
          ? ['--reporter=junit', `--outputFile.junit=${junitFile}`]
          : [`--reporter=${reporterPath('vitest.mjs')}`, '--includeTaskLocation']),
        // The other loader writes below node_modules, which is read-only in the confinement.
        ...(isOldVitest(vitestVersion) || hasFlag(words, '--configLoader') ? [] : ['--configLoader=runner']),
        ...(wantsCoverage
          ? ['--coverage.enabled', '--coverage.reporter=json-summary', `--coverage.reportsDirectory=${coverageDirectory}`]
          : []),
      ]
    case 'jest':
      return [
        ...(hasFlag(words, '--reporters') ? [] : ['--reporters=default']),
        `--reporters=${reporterPath('jest.cjs')}`,
        '--testLocationInResults',
        ...(wantsCoverage ? ['--coverage', '--coverageReporters=json-summary', `--coverageDirectory=${coverageDirectory}`] : []),
      ]
    case 'mocha':
      return [`--reporter=${reporterPath('mocha.cjs')}`]
    case 'node':
      return [
        `--test-reporter=${reporterPath('node-test.mjs')} --test-reporter-destination=stderr`,
        // Node wants a destination for each reporter as soon as there are two.
        ...(hasFlag(words, '--test-reporter')
          ? hasFlag(words, '--test-reporter-destination')
            ? []
            : ['--test-reporter-destination=stdout']
          : ['--test-reporter=spec --test-reporter-destination=stdout']),
        ...(wantsCoverage
          ? [`--experimental-test-coverage --test-reporter=lcov --test-reporter-destination=${coverageDirectory}/lcov.info`]
          : []),
      ]
  }
}

/** Reporters with `onTestCaseReady` and `--configLoader` came with Vitest 3.1. */
const isOldVitest = (version = '') => /^(?:[0-2]|3\.0)\./.test(version)

const hasFlag = (words: readonly Word[], flag: string) => words.some(({ text }) => text === flag || text.startsWith(`${flag}=`))

/** Versions of the runners that are installed for a directory. Node's own is that of the Node that runs us. */
export async function runnerVersions(context: ToolContext, directory: string): Promise<Record<string, string>> {
  const versions: Record<string, string> = { node: process.versions.node }
  for (const name of runners) {
    const found = name === 'node' ? undefined : await context.installed(name, directory)
    if (found) versions[name] = found.version
  }
  return versions
}
