import { History } from '../history/database.ts'
import { findingsMeant, whyFinding, whyStage, whyVerdict, type Told } from '../history/explain.ts'
import { globMatcher } from '../checks/path-globs.ts'
import { visible } from '../report/escape.ts'
import { findRun } from './kept-run.ts'
import { CommandFailure } from './report-failure.ts'
import { hasState, openRepository, openState, type CommonOptions } from './session.ts'
import { print } from './streams.ts'

const mostFindings = 20

/** `shiplock why STAGE|FINDING|VERDICT`: why a stage ran, why a finding counts or not, why the verdict is what it is. */
export async function whyCommand(asked: string, options: CommonOptions & { readonly run: string }): Promise<number> {
  const { root, config } = await openRepository(options)
  const told = await toldOf(root, options.run, config.gates)
  const { answers, kind } = answer(told, asked)
  if (options.format === 'json') process.stdout.write(`${JSON.stringify({ run: told.record.id, asked, kind, answers })}\n`)
  else print(answers.map((lines) => lines.map(visible).join('\n')).join('\n\n'))
  return 0
}

async function toldOf(root: string, asked: string, gates: Told['gates']): Promise<Told> {
  const { record, files } = await findRun(root, asked)
  using history = hasState(root) ? await History.openKept(openState(root).history) : undefined
  const before = history?.before(record)
  const filesBefore = before && history?.filesOf(before.plan.tree)
  const matchers = new Map<string, (path: string) => boolean>()
  const matcherOf = (globs: readonly string[]) => {
    const key = JSON.stringify(globs)
    const known = matchers.get(key) ?? globMatcher(globs, { isHiddenSeen: true })
    matchers.set(key, known)
    return known
  }
  return { record, gates, reads: ({ reads = [] }, path) => reads.includes('**') || matcherOf(reads)(path), ...(before && { before }), ...(files && { files }), ...(filesBefore && { filesBefore }) }
}

function answer(told: Told, asked: string): { readonly kind: 'verdict' | 'stage' | 'finding'; readonly answers: readonly (readonly string[])[] } {
  if (asked.toLowerCase() === 'verdict') return { kind: 'verdict', answers: [whyVerdict(told)] }
  const stage = whyStage(told, asked)
  if (stage) return { kind: 'stage', answers: [stage] }
  const findings = findingsMeant(told.record, asked)
  const answers = findings.slice(0, mostFindings).map((finding) => whyFinding(told, finding))
  if (findings.length > 0) return { kind: 'finding', answers: [...answers, ...(findings.length > mostFindings ? [[`${findings.length - mostFindings} more; name one by its place or fingerprint.`]] : [])] }
  throw new CommandFailure(2, { message: `run ${told.record.id} has no stage and no finding ${visible(JSON.stringify(asked.slice(0, 80)))}`, hint: `name \`verdict\`, a stage (${told.record.stages.map(({ id }) => id).join(', ')}), or a finding by its rule, its place as path:line, or its fingerprint` })
}
