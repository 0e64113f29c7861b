import { createHash } from 'node:crypto'
import type { Sbom } from '@shiplock/advisories/sbom'
import { fail, ok, textInRegion, withFingerprints, type Finding, type FindingDraft, type Outcome, type Result, type Rule, type Subject } from '@shiplock/findings'
import type { Check, CheckContext, CheckOutcome, Command, CommandResult, HttpClient, KnownElsewhere, ReleaseStates, ToolContext, TreeFiles } from '../checks/check.ts'
import { globMatcher } from '../checks/path-globs.ts'
import type { Store } from '../engine/cache.ts'
import type { Stage, StageOutput } from '../engine/stage.ts'
import { historyState } from '../system/history.ts'
import { findInstalled } from '../system/installed.ts'
import { uncover, type Mask } from '../system/masking.ts'
import { digestOfFiles, findChanged, readFromSnapshot, treeChanged, type Snapshot } from '../system/snapshot.ts'
import { runOnTree, userProgram, type Workspace } from '../system/workspace.ts'
import { openHistory, type HistoryRequest } from './past-contents.ts'
import { perFile } from './per-file.ts'
import { contentKeys, remember, rememberTogether } from './remember.ts'

export interface CheckStageInput {
  readonly check: Check
  /** Validated against the check's schema. */
  readonly options: unknown
  readonly workspace: Workspace
  readonly mask: Mask
  /** Of Shiplock itself: another one may say something else of the same file. */
  readonly toolVersion: string
  /** Absent with `--no-cache`. */
  readonly store?: Store
  /** Asked for on the command line, and the commit that it begins after. */
  readonly history?: HistoryRequest
  readonly expectedMs?: number
}

const defaultTimeoutMs = 600_000

/** A check of the tree as a stage of the engine. */
export async function treeCheckStage(input: CheckStageInput): Promise<Stage> {
  const { check, options, workspace } = input
  const files = filesOf(check, options, workspace.snapshot)
  const toolContext = toolContextOf(check, workspace, files)
  const tools = (await check.tools?.(toolContext, options)) ?? {}
  const executes = typeof check.executes === 'function' ? await check.executes(toolContext, options) : check.executes
  const confinement = executes ? workspace.confinement.kind : undefined
  const timeoutMs = check.timeoutMs?.(options) ?? defaultTimeoutMs
  const history = wantedHistory(input)
  const inputs = createHash('sha256')
    .update(JSON.stringify([check.id, options, tools, confinement ?? null, executes && workspace.isUntrusted, digestOfFiles(workspace.snapshot, files.paths), workspace.snapshot.unreadable, ...(files.unseen ?? []), ...(history ? [history.range.since ?? null, history.state?.digest ?? null] : [])]))
    .digest('hex')
  return {
    id: check.id,
    title: check.title,
    subject: 'tree',
    needs: [],
    inputs,
    reads: check.reads(options),
    tools,
    executes,
    // The check's own time-out names what hung; the engine's is the net below it.
    timeoutMs: timeoutMs + 30_000,
    ...(input.expectedMs !== undefined && { expectedMs: input.expectedMs }),
    run: async (context) => {
      const subject: Subject = { kind: 'tree', digest: workspace.snapshot.digest }
      const outcome = await runCheck({ ...input, files, subject, signal: context.signal }).catch(rethrowUnlessChanged)
      const changed = findChanged(workspace.snapshot, files.paths)
      if (changed !== undefined) return fail(treeChanged(changed))
      if (outcome instanceof TreeChangedError) return fail(treeChanged(outcome.path))
      return ok({ ...outcome, ...(confinement && { confinement }) })
    },
  }
}

export function toolContextOf({ inherits = [] }: Check, workspace: Workspace, files: TreeFiles): ToolContext {
  const { snapshot, environment = {} } = workspace
  return {
    root: snapshot.root,
    files,
    installed: findInstalled(snapshot.root),
    findProgram: (name) => userProgram(workspace, name),
    inherited: Object.fromEntries(inherits.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]]))),
    run: (command) => runCommand(workspace, files, command),
  }
}

/** With the files that the check declares, and no others. */
function runCommand(workspace: Workspace, files: TreeFiles, { only, ...command }: Command, signal?: AbortSignal): Promise<CommandResult> {
  return runOnTree(workspace, { ...command, files: only?.filter(files.has) ?? files.paths, ...(only && { isBare: true }), ...(signal && { signal }) })
}

/** The commits that a check is to look at, and what state they are in now; undefined where nobody asks for them. */
function wantedHistory({ check, options, history, workspace: { snapshot } }: CheckStageInput) {
  if (!check.readsHistory || !(history?.isAsked || check.readsHistory(options))) return undefined
  const range = { root: snapshot.root, ...(history?.since !== undefined && { since: history.since }) }
  return { range, state: historyState(range) }
}

export interface CheckRun extends CheckStageInput {
  readonly files: TreeFiles
  readonly subject: Subject
  readonly signal: AbortSignal
  readonly http?: HttpClient
  readonly release?: ReleaseStates
  readonly image?: Sbom
  readonly known?: KnownElsewhere
}

/** Runs a check and completes its findings: severity and confidence from the rule, the source line, the fingerprint, masked. */
export async function runCheck(run: CheckRun): Promise<Pick<StageOutput, 'outcome' | 'summary' | 'hasHostNetwork'>> {
  const { check, workspace, mask } = run
  let hasHostNetwork = false as boolean
  const wanted = wantedHistory(run)
  const past = wanted && (await openHistory({ ...wanted, key: `${check.id}\0${run.toolVersion}`, signal: run.signal, ...(run.store && { store: run.store }) }))
  if (past?.ok === false) return { outcome: mask.value({ kind: 'failed', failure: past.failure }) }
  const context: CheckContext<unknown> = { ...checkContext(run, () => (hasHostNetwork = true)), ...(past && { history: past.value }) }
  const result = await check.run(context)
  const unreadable = run.subject.kind === 'tree' ? workspace.snapshot.unreadable : []
  if (result.kind === 'completed' && unreadable[0]) {
    const { path, reason } = unreadable[0]
    return { outcome: mask.value({ kind: 'failed', failure: { reason: 'unreadable-file', message: `${path} could not be read (${reason})`, hint: 'make it readable, or have git ignore it' } }) }
  }
  return mask.value({ ...complete(check, result, workspace.snapshot, mask), ...(hasHostNetwork && { hasHostNetwork }) })
}

function checkContext({ check, workspace, mask, ...run }: CheckRun, onHostNetwork: () => void): CheckContext<unknown> {
  const contentKey = contentKeys(workspace.snapshot, (path) => new TreeChangedError(path))
  return {
    ...toolContextOf(check, workspace, run.files),
    options: run.options,
    subject: run.subject,
    signal: run.signal,
    run: (command: Command) => {
      if (command.executes && command.network === 'host') onHostNetwork()
      return runCommand(workspace, run.files, command, run.signal)
    },
    ...(run.http && { http: run.http }),
    ...(run.release && { release: run.release }),
    ...(run.image && { image: run.image }),
    ...(run.known && { known: run.known }),
    perFile: (paths, key, examine) => perFile({ check: check.id, key: `${run.toolVersion}\0${key}`, examine: async (some) => new Map([...(await examine(some))].map(([path, drafts]) => [path, mask.value(drafts)])), paths, snapshot: workspace.snapshot, ...(run.store && { store: run.store }) }),
    remember: (paths, key, make) => (run.store ? remember({ check: check.id, key: `${run.toolVersion}\0${key}`, paths, snapshot: workspace.snapshot, store: run.store, make, contentKey }) : make(paths)),
    rememberTogether: (paths, key, make) => (run.store ? rememberTogether({ check: check.id, key: `${run.toolVersion}\0${key}`, paths, snapshot: workspace.snapshot, store: run.store, contentKey }, make) : make()),
  }
}

/** What a check's own tool makes of files of the tree, which it does not write. */
export async function mendWithTool(input: CheckStageInput, paths: readonly string[], signal: AbortSignal): Promise<Result<ReadonlyMap<string, string>>> {
  const { check, options, workspace } = input
  if (!check.mend) return ok(new Map())
  const subject: Subject = { kind: 'tree', digest: workspace.snapshot.digest }
  const context = checkContext({ ...input, files: filesOf(check, options, workspace.snapshot), subject, signal }, () => {})
  const mended = await check.mend(context, paths).catch(rethrowUnlessChanged)
  return mended instanceof TreeChangedError ? fail(treeChanged(mended.path)) : mended
}

function complete(check: Check, result: CheckOutcome, snapshot: Snapshot, mask: Mask): { outcome: Outcome; summary?: string } {
  if (result.kind !== 'completed') return { outcome: result }
  return { outcome: { kind: 'completed', findings: completeFindings(check, result.findings, { snapshot, mask }) }, ...(result.summary !== undefined && { summary: result.summary }) }
}

/** Fills in what rule and source say, in the order of place. */
export function completeFindings(check: Pick<Check, 'id' | 'rules' | 'joins'>, drafts: readonly FindingDraft[], { snapshot, mask }: { readonly snapshot: Snapshot; readonly mask: Mask }): Finding[] {
  const rules = new Map(check.rules.map((rule) => [rule.id, rule]))
  const sources = new Map<string, readonly string[] | undefined>()
  const linesOf = (path: string) => {
    if (!sources.has(path)) sources.set(path, linesInSnapshot(path, snapshot, mask))
    return sources.get(path)
  }
  // Masked first: what is cut in two is no longer told to be a secret. Of megabytes only the beginning is looked at.
  const cut = (text: string, longest: number) => mask.text(text.slice(0, 4 * longest)).slice(0, longest)
  const findings = drafts.map((draft) => {
    const rule = rules.get(draft.rule) ?? (check.joins && joinedRule(check.id, draft))
    if (!rule) throw new Error(`check ${check.id} reported ${draft.rule}, which it does not declare`)
    const lines = draft.snippet === undefined && draft.location?.startLine !== undefined ? linesOf(draft.location.path) : undefined
    const snippet = draft.snippet ?? (lines && firstLines(draft, lines))
    return { fix: rule.fix, ...draft, message: cut(draft.message, longestMessage), ...(draft.detail !== undefined && { detail: cut(draft.detail, longestDetail) }), severity: draft.severity ?? rule.severity, confidence: draft.confidence ?? rule.confidence, ...(snippet !== undefined && { snippet: uncover(snippet) }) }
  })
  findings.sort((a, b) => compareLocation(a, b))
  const given = new Set(drafts.filter(({ snippet }) => snippet !== undefined).map(({ snippet }) => snippet))
  // A snippet that the check gave stands for the source, which may hold a secret; ours is cut, the source is not.
  return withFingerprints(findings, (finding) => {
    const lines = finding.location?.startLine === undefined || given.has(finding.snippet) ? undefined : linesOf(finding.location.path)
    return lines && finding.location ? uncover(textInRegion(lines, finding.location)) : (finding.snippet ?? '')
  })
}

/** A rule that another program has, as its finding tells it. */
function joinedRule(id: string, { rule, severity, confidence, fix }: FindingDraft): Pick<Rule, 'severity' | 'confidence' | 'fix'> | undefined {
  return rule.startsWith(`${id}/`) && severity !== undefined && confidence !== undefined && fix !== undefined ? { severity, confidence, fix } : undefined
}

/** Tools may say megabytes; what is shown, masked and kept is what a person can read. Characters. */
const longestMessage = 2000
const longestDetail = 16_000

const longestSnippet = 5

/** With what is masked covered: a snippet cuts, and the fingerprint must say nothing that could be guessed against it. */
function linesInSnapshot(path: string, snapshot: Snapshot, mask: Mask): readonly string[] | undefined {
  if (!snapshot.files.has(path)) return undefined
  const content = readFromSnapshot(snapshot, path)
  return content.ok ? mask.cover(content.value.toString('utf8')).split(/\r?\n/) : undefined
}

function firstLines({ location }: FindingDraft, lines: readonly string[]): string {
  const { startLine = 1, endLine = startLine } = location ?? {}
  return lines.slice(startLine - 1, Math.min(endLine, startLine + longestSnippet - 1)).join('\n').slice(0, 2000)
}

const compareLocation = (a: FindingDraft, b: FindingDraft): number =>
  compareText(a.location?.path ?? '', b.location?.path ?? '') ||
  (a.location?.startLine ?? 0) - (b.location?.startLine ?? 0) ||
  (a.location?.startColumn ?? 0) - (b.location?.startColumn ?? 0) ||
  compareText(a.rule, b.rule) ||
  compareText(a.message, b.message)

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** The files of the tree that match any of the globs. */
/** A check that runs nothing looks behind names with a dot as well: nothing in the tree hides there from it. */
export const filesOf = (check: Check, options: unknown, snapshot: Snapshot): TreeFiles => selectFiles(snapshot, check.reads(options), { isHiddenSeen: check.executes === false })

export function selectFiles(snapshot: Snapshot, globs: readonly string[], { isHiddenSeen = false } = {}): TreeFiles {
  const all = [...snapshot.files.keys()]
  const isAll = globs.includes('**')
  const paths = isAll ? all : all.filter(globMatcher(globs, { isHiddenSeen }))
  const known = new Set(paths)
  return {
    paths,
    ...(isAll && snapshot.unseen && { unseen: snapshot.unseen }),
    has: (path) => known.has(path),
    isLink: (path) => snapshot.files.get(path)?.mode === 'symlink',
    size: (path) => snapshot.files.get(path)?.size ?? 0,
    text: async (path) => {
      const content = readFromSnapshot(snapshot, path)
      if (!content.ok) throw new TreeChangedError(path)
      return content.value.toString('utf8')
    },
  }
}

/** Ends a check whose file was edited under it; the stage turns it into `tree-changed`. */
class TreeChangedError extends Error {
  readonly path: string

  constructor(path: string) {
    super(`${path} was edited`)
    this.path = path
  }
}

function rethrowUnlessChanged(error: unknown): TreeChangedError {
  if (error instanceof TreeChangedError) return error
  throw error
}
