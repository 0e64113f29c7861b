import { gzipSync } from 'node:zlib'
import type { Log, Notification, ReportingDescriptor, Run } from 'sarif'
import { count, type RunRecord } from '@shiplock/findings'
import type { CheckDocument } from '../check-document.ts'
import { checkResults, type CheckResult } from '../check-results.ts'
import { safeJson } from '../json.ts'
import { ruleDescriptors } from './descriptors.ts'
import { githubLimits } from './limits.ts'
import { plainMessage, resultOf } from './results.ts'

export interface SarifFile {
  readonly text: string
  /** What was left out and why, a sentence each; the file says it too. */
  readonly cuts: readonly string[]
}

/**
 * SARIF 2.1.0, as GitHub code scanning takes it: one run a check, each a category of its own. Of what is more than GitHub
 * takes the worst is kept. A check that failed or was skipped is a run that says so, never an empty one that looks clean.
 * The same findings are the same bytes, whenever and by whichever run they were found.
 */
export function renderSarif(record: RunRecord, documents: readonly CheckDocument[]): SarifFile {
  let reason = `GitHub code scanning keeps ${githubLimits.resultsPerRun.toLocaleString('en')} results a run`
  for (let limit: number = githubLimits.resultsPerRun; ; limit = Math.floor(limit / 2)) {
    const file = withAtMost(limit, reason, record, documents)
    if (limit <= 1 || isSmallEnough(file.text)) return file
    reason = `GitHub code scanning takes files of ${githubLimits.compressedBytes / 1e6} MB, compressed`
  }
}

const isSmallEnough = (text: string) => Buffer.byteLength(text) <= githubLimits.compressedBytes || gzipSync(text).length <= githubLimits.compressedBytes

function withAtMost(limit: number, reason: string, record: RunRecord, documents: readonly CheckDocument[]): SarifFile {
  const checks = checkResults(record).filter(({ isCheck }) => isCheck)
  const kept = worstChecks(checks)
  const lost = checks.filter((check) => !kept.includes(check))
  const lostText = lost.length === 0 ? [] : [`${lost.map(({ id }) => id).join(', ')} left out, with ${count(lost.reduce((sum, { findings }) => sum + findings.length, 0), 'finding')}: GitHub code scanning takes ${githubLimits.runs} runs a file. run.json has everything.`]
  const cut = kept.map(({ id, findings }) => (findings.length <= limit ? undefined : `${count(findings.length - limit, 'finding')} of ${id} left out, the least severe: ${reason}. run.json has everything.`))
  const runs = kept.map((check, index) => {
    const cuts = [...(index === 0 ? lostText : []), ...(cut[index] === undefined ? [] : [cut[index]])]
    return runOf({ ...check, findings: check.findings.slice(0, limit) }, cuts, record, documents.find(({ id }) => id === check.id))
  })
  const log: Log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs }
  return { text: safeJson(log), cuts: [...lostText, ...cut.filter((text) => text !== undefined)] }
}

/** As many as a file may hold, in their order. One that could not look goes before one that found little. */
function worstChecks(checks: readonly CheckResult[]): readonly CheckResult[] {
  if (checks.length <= githubLimits.runs) return checks
  const weight = ({ trouble, findings }: CheckResult) => (trouble ? 1e9 : 0) + findings.filter(({ state }) => state === 'blocking').length * 1e5 + findings.length
  const worst = new Set(checks.toSorted((a, b) => weight(b) - weight(a)).slice(0, githubLimits.runs))
  return checks.filter((check) => worst.has(check))
}

function runOf(check: CheckResult, cuts: readonly string[], { tool }: RunRecord, document: CheckDocument | undefined): Run {
  const rules = ruleDescriptors(check.id, document, check.findings.map(({ finding }) => finding))
  const hasBaseline = check.findings.some(({ state }) => state === 'baselined')
  const notifications = [...troubleNotifications(check), ...cuts.map((text) => notification('shiplock/left-out', 'warning', text))]
  return {
    tool: { driver: { name: 'Shiplock', version: tool.version, semanticVersion: tool.version, rules, notifications: notificationDescriptors } },
    automationDetails: { id: `shiplock/${check.id}/` },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The root of the repository.' } } },
    invocations: [{ executionSuccessful: check.trouble === undefined, ...(notifications.length > 0 && { toolExecutionNotifications: notifications }) }],
    // On all of a run or on none (§3.27.24).
    results: check.findings.map((finding) => ({ ...resultOf(finding, rules), ...(hasBaseline && { baselineState: finding.state === 'baselined' ? ('unchanged' as const) : ('new' as const) }) })),
  }
}

const notificationDescriptors: ReportingDescriptor[] = [
  notificationDescriptor('shiplock/failed', 'The check could not look, so nothing is known.', 'The gate stays shut. Do what the message says and run it again.'),
  notificationDescriptor('shiplock/left-out', 'The file does not hold every finding.', 'The worst are here; run.json and report.html have all.'),
  notificationDescriptor('shiplock/skipped', 'The check was not run, so nothing is known.', 'The gate stays shut unless the config calls the check optional.'),
]

/** With all that GitHub asks of a rule: it asks it of these too. */
function notificationDescriptor(id: string, text: string, help: string): ReportingDescriptor {
  return { id, shortDescription: { text }, fullDescription: { text: `${text} ${help}` }, help: { text: help } }
}

function troubleNotifications({ title, trouble }: CheckResult): Notification[] {
  if (!trouble) return []
  const { kind, reason, text, isOptional } = trouble
  return [notification(`shiplock/${kind}`, isOptional ? 'warning' : 'error', `${title} ${kind === 'failed' ? 'failed' : 'did not run'} (${reason}): ${text}`)]
}

const notification = (id: string, level: 'warning' | 'error', text: string): Notification => ({ descriptor: { id }, level, message: { text: plainMessage(text) } })
