import { fileURLToPath } from 'node:url'
import { fail, ok, type FindingDraft, type Result, type StageFailure } from '@shiplock/findings'
import { argumentBatches, type CheckContext, type Command, type CommandResult } from '../check.ts'
import type { LintOptions } from './index.ts'
import { ownVersions, type OxlintConfig } from './linter.ts'
import { readReport, toFinding, type OxlintDiagnostic, type OxlintReport } from './oxlint-output.ts'
import { sourcesIn, type LinterResult } from './run.ts'
import { toolFailed } from './tool-failed.ts'

/**
 * Runs oxlint twice: the rules that look at one file at a time, remembered by file, and those that need the types of
 * the whole program. Which files there are to lint, oxlint says itself, since its configuration may ignore some.
 */
export async function runOxlint(context: CheckContext<LintOptions>, config: OxlintConfig): Promise<Result<LinterResult>> {
  const hasTypes = context.options.typeAware && context.files.paths.some((path) => /(?:^|\/)tsconfig\.json$/.test(path))
  // What oxlint will say that it lints, almost always: it is looked at while oxlint is still asked. Of files that it ignores
  // after all nothing is reported; where it fails, or others are to be linted, those that oxlint named are looked at.
  const likely = config.kind === 'code' ? [] : sourcesIn(context.files, context.options.directory)
  const [listed, typeAware, early] = await Promise.all([
    listFiles(context, config),
    hasTypes ? runTypeAware(context, config) : ok([]),
    likely.length > 0 ? runFileLocal(context, config, likely) : undefined,
  ])
  if (!listed.ok) return listed
  if (!typeAware.ok) return typeAware
  const paths = listed.value.filter((path) => context.files.has(path))
  if (paths.length === 0) return ok({ files: 0, findings: [] })
  const looked = new Set(likely)
  const hasLookedAtAll = early?.ok === true && paths.every((path) => looked.has(path))
  const local = hasLookedAtAll ? early : await runFileLocal(context, config, paths)
  if (!local.ok) return local
  const linted = new Set(paths)
  const isLinted = ({ location }: FindingDraft) => location !== undefined && (linted.has(location.path) || location.path.endsWith('.json'))
  return ok({ files: paths.length, paths, findings: distinct([...typeAware.value, ...local.value].filter(isLinted)) })
}

/** oxlint's own program, run by the Node that PATH names. */
const oxlintProgram = () => fileURLToPath(new URL('bin/oxlint', import.meta.resolve('oxlint/package.json')))

const defaultConfig = () => fileURLToPath(new URL('./oxlintrc.default.json', import.meta.url))

const tsgolintProgram = () => fileURLToPath(new URL('bin/tsgolint.js', import.meta.resolve('oxlint-tsgolint/package.json')))

/** oxlint leaves out what git ignores and nothing else; a repository need not have told git about these. */
const notOfTheTree = ['--ignore-pattern=**/node_modules/**', '--ignore-pattern=.shiplock/**']

function runProgram(context: CheckContext<LintOptions>, config: OxlintConfig, args: readonly string[], where: Partial<Pick<Command, 'in' | 'collect'>> = {}): Promise<CommandResult> {
  // Named and alone, the configuration is the only one that is read; otherwise oxlint looks for others, and runs those that are code.
  const configured =
    config.kind === 'code' ? [] : ['--config', config.kind === 'data' ? config.path : defaultConfig(), '--disable-nested-config']
  return context.run({
    argv: ['node', oxlintProgram(), ...configured, ...notOfTheTree, ...args],
    env: { OXLINT_TSGOLINT_PATH: tsgolintProgram() },
    in: 'tree',
    executes: config.kind === 'code',
    timeoutMs: context.options.timeoutSeconds * 1000,
    ...where,
  })
}

/** Runs `oxlint --fix` on a copy. What oxlint calls a suggestion, or dangerous, is not among its fixes. */
export async function mendWithOxlint(context: CheckContext<LintOptions>, config: OxlintConfig, paths: readonly string[]): Promise<Result<ReadonlyMap<string, string>>> {
  const mended = new Map<string, string>()
  for (const batch of argumentBatches(paths.filter((path) => context.files.has(path) && !context.files.isLink(path)))) {
    const result = await runProgram(context, config, ['--fix', '--format=json', ...batch], { in: 'scratch', collect: batch })
    const report = readReport(result)
    if (!report.ok) return report
    for (const [path, text] of result.kind === 'exited' ? result.collected : []) if (text !== (await context.files.text(path.replace(/^\.\//, '')))) mended.set(path.replace(/^\.\//, ''), text)
  }
  return ok(mended)
}

async function listFiles(context: CheckContext<LintOptions>, config: OxlintConfig): Promise<Result<string[]>> {
  const result = await runProgram(context, config, ['--debug=files', context.options.directory])
  if (result.kind === 'failed') return fail(result.failure)
  const paths = result.stdout.split('\n').filter((line) => line !== '')
  if (result.exitCode !== 0)
    return result.stdout.startsWith('No files found') ? ok([]) : fail(toolFailed('oxlint', result, 'could not tell which files it lints'))
  return ok(paths.map((path) => path.replaceAll('\\', '/')).toSorted())
}

class OxlintFailure extends Error {
  readonly failure: StageFailure
  constructor(failure: StageFailure) {
    super(failure.message)
    this.failure = failure
  }
}

async function runFileLocal(
  context: CheckContext<LintOptions>,
  config: OxlintConfig,
  paths: readonly string[],
): Promise<Result<FindingDraft[]>> {
  const examine = async (some: readonly string[]) => {
    const byFile = new Map<string, FindingDraft[]>(some.map((path) => [path, []]))
    for (const batch of argumentBatches(some)) {
      const report = readReport(await runProgram(context, config, ['--format=json', ...batch]))
      if (!report.ok) throw new OxlintFailure(report.failure)
      for (const diagnostic of report.value.diagnostics) {
        const finding = await toFinding(diagnostic, context.files.text, false)
        byFile.get(diagnostic.filename)?.push(finding)
      }
    }
    return byFile
  }
  try {
    // Rules of the `import` plugin read other files than the one that they report.
    if (config.kind === 'code' || (config.kind === 'data' && !config.isFileLocal)) return ok([...(await examine(paths)).values()].flat())
    const key = JSON.stringify([await ownVersions(), config.kind === 'data' ? config.text : 'default'])
    return ok(await context.perFile(paths, key, examine))
  } catch (error) {
    if (error instanceof OxlintFailure) return fail(error.failure)
    throw error
  }
}

async function runTypeAware(context: CheckContext<LintOptions>, config: OxlintConfig): Promise<Result<FindingDraft[]>> {
  const { typeAwareRules, directory } = context.options
  const args = ['--format=json', '--type-aware', '--allow', 'all', ...typeAwareRules.flatMap((rule) => ['--deny', `typescript/${rule}`]), directory]
  const result = await runProgram(context, config, args)
  if (result.kind === 'failed' && result.failure.reason === 'timed-out')
    return fail({
      ...result.failure,
      hint: 'set checks.lint.typeAware to false if the types of a dependency are too much for oxlint-tsgolint',
    })
  let report = readReport(result)
  // A configuration without the `typescript` plugin leaves its rules out without a word.
  if (report.ok && (report.value.number_of_rules ?? 0) < typeAwareRules.length && report.value.number_of_files > 0) {
    report = readReport(await runProgram(context, { kind: 'default' }, args))
    if (report.ok && (report.value.number_of_rules ?? 0) < typeAwareRules.length) return fail(unknownRules(report.value, typeAwareRules))
  }
  if (!report.ok) return report
  const wanted = new Set([...typeAwareRules, 'tsconfig-error'].map((rule) => `typescript(${rule})`))
  const diagnostics = report.value.diagnostics.filter(
    (diagnostic: OxlintDiagnostic) => diagnostic.code !== undefined && wanted.has(diagnostic.code),
  )
  const findings = await Promise.all(diagnostics.map((diagnostic) => toFinding(diagnostic, context.files.text, true)))
  const isMeant = await Promise.all(findings.map((finding) => registersTest(finding, context)))
  return ok(findings.filter((_, i) => !isMeant[i]))
}

/** `test('…', …)` of node:test returns a promise that its documentation says to leave alone. */
async function registersTest({ message, location }: FindingDraft, { files }: CheckContext<LintOptions>): Promise<boolean> {
  if (!message.includes('no-floating-promises') || location?.startLine === undefined || !files.has(location.path)) return false
  const text = await files.text(location.path)
  const line = text.split('\n')[location.startLine - 1] ?? ''
  return /from ['"]node:test['"]|require\(['"]node:test['"]\)/.test(text) && /^\s*(?:test|it|describe|suite)(?:\.\w+)?\(/.test(line)
}

const unknownRules = (report: OxlintReport, rules: readonly string[]): StageFailure => ({
  reason: 'tool-failed',
  message: `oxlint knows only ${report.number_of_rules ?? 0} of the ${rules.length} rules in checks.lint.typeAwareRules`,
  hint: `compare them with "oxlint --rules": ${rules.join(', ')}`,
})

/** One finding for each place and rule: a configuration may have asked for rules that need types by itself. */
function distinct(findings: readonly FindingDraft[]): FindingDraft[] {
  const seen = new Map<string, FindingDraft>()
  for (const finding of findings) {
    const key = JSON.stringify([finding.location, finding.message])
    if (!seen.has(key)) seen.set(key, finding)
  }
  return [...seen.values()]
}
