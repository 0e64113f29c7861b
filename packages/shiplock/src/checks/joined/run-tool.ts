import { count, endOf, fail, ok, type FindingDraft, type Result, type RuleId, type StageFailure } from '@shiplock/findings'
import { argumentBatches, type CheckContext, type CheckOutcome, type CommandResult, type ToolContext, type TreeFiles } from '../check.ts'
import { andExcluded, unlessAllExcluded, withoutExcluded } from '../exclusion.ts'
import type { JoinedOptions } from './join-tool.ts'
import { locate } from './locate.ts'
import type { Tool, ToolInput, ToolResult } from './tool.ts'

const hour = 60 * 60 * 1000

/** What its result depends on besides files: its version, the variables that it is handed, and where it asks others the hour. */
export async function versions(tool: Tool, context: ToolContext): Promise<Record<string, string>> {
  const { inherited } = context
  const version = await versionOf(tool, context)
  return { [tool.id]: version.ok ? version.value : 'none', ...inherited, ...(tool.isOnline?.({ inherited }) && { asked: `hour ${Math.floor(Date.now() / hour)}` }) }
}

/** Runs it on a copy of the tree that holds nothing by which the repository could tell it what to leave out. */
export async function runTool(tool: Tool, context: CheckContext<JoinedOptions>): Promise<CheckOutcome> {
  const { files, options, inherited } = context
  const { looksAt } = tool
  const exclusion = withoutExcluded(files.paths.filter((path) => !files.isLink(path) && !tool.toldBy.test(path) && path !== tool.report), options.exclude)
  const { kept: shown } = exclusion
  const version = await versionOf(tool, context)
  if (!version.ok) return { kind: 'failed', failure: version.failure }
  const isLookedAt = (path: string) => looksAt?.test(path) ?? true
  const paths = shown.filter(isLookedAt)
  if (paths.length === 0) return unlessAllExcluded(tool.id, { kept: paths, excluded: exclusion.excluded.filter(isLookedAt) }) ?? { kind: 'completed', findings: [], summary: `nothing for ${version.value} to look at${andExcluded(exclusion)}` }
  const read = await tool.read()
  const findings: FindingDraft[] = []
  let hasSeenNothing = false
  for (const batch of tool.takesPaths ? argumentBatches(paths) : [paths]) {
    const input: ToolInput = { paths: batch, inherited }
    const result = await start(tool, context, tool.arguments(input), { only: shown, env: { ...inherited, ...tool.env?.(input) }, timeoutMs: options.timeoutSeconds * 1000 })
    const output = outputOf(tool, result)
    if (!output.ok) return { kind: 'failed', failure: output.failure }
    if (output.value === undefined) {
      hasSeenNothing = true
      continue
    }
    const results = read(output.value)
    if (!results.ok) return { kind: 'failed', failure: unreadable(tool, version.value, results.failure, output.value) }
    if (results.value.length > mostResults) return { kind: 'failed', failure: { reason: 'tool-failed', message: `${tool.id} reports ${results.value.length} results, more than the ${mostResults} that are read`, hint: `leave out what it need not look at: checks.${tool.id}.exclude` } }
    findings.push(...(await extended(tool, files, results.value.map((it) => toFinding(tool, it, options, result.root ?? '', files.has)))))
  }
  // It knows better than its name what it looks at; where we know that too, one of the two is wrong.
  if (hasSeenNothing && looksAt) return { kind: 'skipped', reason: `${version.value} saw nothing to look at, where there is ${paths[0]}` }
  return { kind: 'completed', findings, summary: `${version.value}: ${hasSeenNothing ? 'nothing that it looks at' : count(findings.length, 'result')}${andExcluded(exclusion)}` }
}

const mostResults = 20_000

function start(tool: Tool, context: ToolContext, args: readonly string[], how: { readonly only: readonly string[]; readonly env?: Readonly<Record<string, string>>; readonly timeoutMs: number }): Promise<CommandResult> {
  const program = context.findProgram(tool.program)
  if (program === undefined) return Promise.resolve({ kind: 'failed', failure: { reason: 'tool-missing', message: `the config asks for ${tool.id}, and ${tool.program} is not on PATH`, hint: `${tool.install}; or take checks.${tool.id} out of the config` } })
  return context.run({ argv: [program, ...args], in: 'scratch', executes: false, ...(tool.report !== undefined && { collect: [tool.report] }), ...how })
}

async function versionOf(tool: Tool, context: ToolContext): Promise<Result<string>> {
  const result = await start(tool, context, tool.versionArguments, { only: [], env: context.inherited, timeoutMs: 60_000 })
  if (result.kind === 'failed') return fail(result.failure)
  const [said = ''] = `${result.stdout}\n${result.stderr}`.split('\n').map((line) => line.trim()).filter((line) => /\d+\.\d+/.test(line))
  if (result.exitCode !== 0 || said === '') return fail(toolFailed(tool, `does not tell its version (exit code ${result.exitCode})`, result))
  // Some say it alone, some behind their name, and Trivy says more of its database below.
  const version = /\d+\.\d+[\w.+-]*/.exec(said)?.[0] ?? said
  const data = result.stdout.split('\n').filter((line) => /updated\s?at/i.test(line)).map((line) => line.trim().slice(0, 100)).slice(0, 10)
  return ok([`${tool.id} ${version}`, ...data].join(', '))
}

/** What it said; undefined where it looked and there was nothing for it. */
function outputOf(tool: Tool, result: CommandResult): Result<string | undefined> {
  if (result.kind === 'failed') return fail(result.failure)
  if (tool.sawNothing?.includes(result.exitCode)) return ok(undefined)
  if (!tool.ran.includes(result.exitCode)) return fail(toolFailed(tool, `ended with exit code ${result.exitCode}, which means that it did not look`, result))
  const output = tool.report === undefined ? result.stdout : result.collected.get(tool.report)
  return output === undefined ? fail(toolFailed(tool, 'ended without writing its report', result)) : ok(output)
}

const toolFailed = ({ id }: Tool, what: string, { stderr = '' }: { readonly stderr?: string }): StageFailure => ({
  reason: 'tool-failed',
  message: `${id} ${what}`,
  hint: `see what it says; \`shiplock explain ${id}\` names the options that it is run with, which an older version may not have`,
  ...(stderr.trim() !== '' && { detail: endOf(stderr) }),
})

function unreadable({ id }: Tool, version: string, why: string, output: string): StageFailure {
  const what = output.trim() === '' ? 'it said nothing' : why
  return { reason: 'tool-failed', message: `the output of ${version} cannot be read: ${what}`, hint: `another version of ${id} may write another format; \`shiplock explain ${id}\` says which is read` }
}

function toFinding(tool: Tool, result: ToolResult, options: JoinedOptions, root: string, isFile: (path: string) => boolean): FindingDraft {
  const { message, purl, advisories, fix, isSecret = false, severity, confidence = tool.confidence } = result
  const location = locate(result, root, isFile)
  const elsewhere = location ? '' : result.path === undefined || result.path === '' ? ' (it names no file)' : ` (it names ${JSON.stringify(result.path.slice(0, 200))}, which is no file of the tree)`
  const detail = [result.detail, ...(severity === undefined ? [`${tool.id} does not rate it: its severity is what checks.${tool.id}.unratedAs says.`] : [])].filter((part) => part !== undefined && part !== '').join('\n')
  const rule = ruleId(tool.id, result.rule)
  return {
    rule,
    message: `${message.trim() === '' ? result.rule : message.trim()}${elsewhere}`,
    severity: severity ?? options.unratedAs,
    confidence,
    fix: fix === undefined || fix.trim() === '' ? `See what ${tool.id} says of ${rule.slice(tool.id.length + 1)}.` : fix.trim().slice(0, 1000),
    ...(location && { location }),
    ...(purl !== undefined && { purl: purl.slice(0, 500) }),
    ...(advisories?.[0] !== undefined && { advisory: { id: advisories[0], aliases: advisories.slice(1) } }),
    ...(detail !== '' && { detail }),
    // Where a snippet is given, nobody reads the line.
    ...(isSecret && { snippet: '***' }),
  }
}

/** Where only the first line of what a result is about is named, all of them. */
async function extended({ lastLine }: Tool, { text }: TreeFiles, findings: readonly FindingDraft[]): Promise<readonly FindingDraft[]> {
  if (!lastLine) return findings
  const places = new Map<string, number>()
  for (const [path, inFile] of Map.groupBy(findings, ({ location }) => location?.path)) {
    if (path === undefined) continue
    const lines = (await text(path)).split('\n')
    for (const startLine of new Set(inFile.map(({ location }) => location?.startLine))) if (startLine !== undefined) places.set(`${startLine} ${path}`, lastLine(lines, startLine))
  }
  return findings.map((finding) => {
    const { path = '', startLine, endLine } = finding.location ?? {}
    return startLine === undefined || endLine !== undefined ? finding : { ...finding, location: { path, startLine, endLine: places.get(`${startLine} ${path}`) ?? startLine } }
  })
}

/** As waivers can name it, whatever the program calls it. */
function ruleId(tool: string, name: string): RuleId {
  const own = name.startsWith(`${tool}/`) ? name.slice(tool.length + 1) : name
  const plain = own.replace(/[^\w@./-]+/g, '-').replace(/^[^\w@]+/, '').slice(0, 100)
  return `${tool}/${plain === '' ? 'unnamed' : plain}`
}
