import type { RunRecord, Severity } from '@shiplock/findings'
import { checkResults, type CheckResult } from '../check-results.ts'
import { isAccepted, reportedFindings, type ReportedFinding } from '../reported-findings.ts'
import { annotationCommand, type Annotation } from './workflow-command.ts'

/** GitHub shows this many of each kind a step; what comes after is dropped without a word. */
const shownOfEachLevel = 10

const levels = { critical: 'error', high: 'error', medium: 'warning', low: 'notice' } as const satisfies Record<Severity, Annotation['level']>

export interface Annotations {
  /** Workflow commands, a line each; empty or ends with a line end. */
  readonly text: string
  /** Findings and failures beyond what GitHub shows: they are in the summary only. */
  readonly left: number
}

/** Annotations of a run: what could not look first, then findings, worst first, as many as are shown. */
export function renderAnnotations(record: RunRecord): Annotations {
  const all = [...checkResults(record).flatMap(troubleAnnotation), ...reportedFindings(record).filter((finding) => !isAccepted(finding)).map(findingAnnotation)]
  const levelCounts = new Map<Annotation['level'], number>()
  const shown = all.filter(({ level }) => {
    const before = levelCounts.get(level) ?? 0
    levelCounts.set(level, before + 1)
    return before < shownOfEachLevel
  })
  return { text: shown.map((annotation) => `${annotationCommand(annotation)}\n`).join(''), left: all.length - shown.length }
}

function troubleAnnotation({ title, trouble }: CheckResult): Annotation[] {
  if (!trouble) return []
  const what = trouble.kind === 'failed' ? `failed (${trouble.reason})` : 'was skipped'
  return [{ level: trouble.isOptional ? 'notice' : 'error', title: `${title} ${what}`, message: trouble.text }]
}

function findingAnnotation({ finding, place, state }: ReportedFinding): Annotation {
  const { severity, rule, message, fix, location } = finding
  const lines = [...(location ? [] : [`On ${place}.`]), message, ...(fix ? [`Fix: ${fix}`] : []), `More: shiplock explain ${rule}`]
  return {
    level: levels[severity],
    title: `${severity}: ${rule}${state === 'blocking' ? ', keeps the gate shut' : ''}`,
    message: lines.join('\n'),
    ...(location && {
      file: location.path,
      ...(location.startLine !== undefined && { line: location.startLine }),
      ...(location.endLine !== undefined && { endLine: location.endLine }),
      ...(location.startColumn !== undefined && { column: location.startColumn }),
      ...(location.endColumn !== undefined && { endColumn: location.endColumn }),
    }),
  }
}
