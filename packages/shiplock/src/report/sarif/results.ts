import type { CodeFlow, Fix, Location as SarifLocation, Region, ReportingDescriptor, Result, Suppression } from 'sarif'
import type { Edit, FlowStep, Location } from '@shiplock/findings'
import { visibleLines } from '../escape.ts'
import { acceptanceOf } from '../acceptance.ts'
import { foldFlow, hasWay } from '../flow.ts'
import { type ReportedFinding } from '../reported-findings.ts'
import { levels, rankOf } from './descriptors.ts'
import { githubLimits } from './limits.ts'

/** GitHub shows no result without a file: what a running revision does wrong is put down to what it was configured by. */
const standIn = 'shiplock.config.ts'

export function resultOf(reported: ReportedFinding, rules: readonly ReportingDescriptor[]): Result {
  const { finding, place, state } = reported
  const { rule, severity, confidence, location, fingerprint, fix, edits = [], related = [], alsoFoundBy, flow } = finding
  const ruleIndex = rules.findIndex(({ id }) => id === rule)
  const others = related.slice(0, githubLimits.locationsPerResult)
  return {
    ruleId: rule,
    ruleIndex,
    level: levels[severity],
    rank: rankOf(severity),
    message: { text: messageOf(finding, rules[ruleIndex]) },
    locations: [location ? { physicalLocation: physical(location, finding.snippet) } : { physicalLocation: physical({ path: standIn, startLine: 1 }), logicalLocations: [{ fullyQualifiedName: place, kind: 'resource' }] }],
    ...(others.length > 0 && { relatedLocations: others.map((other, index) => ({ id: index + 1, physicalLocation: physical(other) })) }),
    ...(hasWay(flow) && { codeFlows: [codeFlowOf(flow)] }),
    partialFingerprints: { 'shiplock/v1': fingerprint },
    ...(edits.length > 0 && { fixes: [fixOf(edits, fix)] }),
    ...(state === 'waived' && { suppressions: [suppressionOf(reported)] }),
    properties: { severity, confidence, state, ...(alsoFoundBy && { alsoFoundBy: [...alsoFoundBy] }) },
  }
}

/** All edits together are the mend. */
function fixOf(edits: readonly Edit[], fix: string | undefined): Fix {
  const byFile = Map.groupBy(edits, ({ path }) => path)
  return {
    ...(fix !== undefined && plainMessage(fix) !== '' && { description: { text: plainMessage(fix) } }),
    artifactChanges: [...byFile].map(([path, some]) => ({
      artifactLocation: { uri: uriOf(path), uriBaseId: '%SRCROOT%' },
      replacements: some.map(({ startLine, startColumn, endLine, endColumn, text }) => ({ deletedRegion: { startLine, startColumn, endLine, endColumn }, insertedContent: { text } })),
    })),
  }
}

/** The way of the data; of a very long one its beginning and its end. */
function codeFlowOf(flow: readonly FlowStep[]): CodeFlow {
  const { first, last } = foldFlow(flow, githubLimits.threadFlowLocations - 1)
  return { threadFlows: [{ locations: [...first, ...last].map(({ location, code }) => ({ location: { physicalLocation: physical(location), message: { text: plainMessage(code) || 'a value' } } })) }] }
}

function suppressionOf(reported: ReportedFinding): Suppression {
  const { waiver } = reported.finding
  return {
    kind: waiver?.kind === 'comment' ? 'inSource' : 'external',
    status: 'accepted',
    justification: plainMessage(acceptanceOf(reported.finding) ?? ''),
    ...(waiver && { location: { physicalLocation: physical(waiver.location) } }),
  }
}

/** The message, and what to do where that is more than the rule says of every such finding. */
function messageOf({ message, fix, rule }: ReportedFinding['finding'], descriptor: ReportingDescriptor | undefined): string {
  const text = fix === undefined || fix === descriptor?.help?.text ? message : `${message}\n${fix}`
  return plainMessage(text) || rule
}

/** A plain text message as SARIF reads it: what would be taken for a placeholder (§3.11.5) or for a link (§3.11.6) stays text. */
export function plainMessage(text: string): string {
  const shown = visibleLines(text).join('\n').trim().replace(/\{(\d+)\}/g, '{{$1}}')
  return shown.includes('](') ? shown.replace(/[\\[\]]/g, '\\$&') : shown
}

function physical(location: Location, snippet?: string): NonNullable<SarifLocation['physicalLocation']> {
  return { artifactLocation: { uri: uriOf(location.path), uriBaseId: '%SRCROOT%' }, region: regionOf(location, snippet) }
}

/** A relative reference (RFC 3986). A colon in the first segment would otherwise make it a scheme; a lone surrogate has no bytes. */
export function uriOf(path: string): string {
  return path.toWellFormed().split('/').map(encodeURIComponent).join('/')
}

/**
 * What is no position, or lies before the one it should follow, is left out: a file with one of those is refused as a whole.
 * Without a line it is the first: GitHub shows no result without a region.
 */
function regionOf({ startLine, startColumn, endLine, endColumn }: Location, snippet: string | undefined): Region {
  if (!isPosition(startLine)) return { startLine: 1 }
  const last = isPosition(endLine) && endLine >= startLine ? endLine : undefined
  const first = isPosition(startColumn) ? startColumn : undefined
  const isAfter = isPosition(endColumn) && (endColumn >= (first ?? 1) || (last ?? startLine) > startLine)
  return {
    startLine,
    ...(first !== undefined && { startColumn: first }),
    ...(last !== undefined && { endLine: last }),
    ...(isAfter && { endColumn }),
    ...(snippet !== undefined && snippet !== '' && { snippet: { text: snippet } }),
  }
}

const isPosition = (value: number | undefined): value is number => Number.isSafeInteger(value) && value !== undefined && value >= 1
