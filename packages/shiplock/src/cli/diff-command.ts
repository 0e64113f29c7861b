import { compareRuns } from '../history/compare-runs.ts'
import { visible } from '../report/escape.ts'
import { findRun } from './kept-run.ts'
import { openRoot, type CommonOptions } from './session.ts'
import { print } from './streams.ts'

/** `shiplock diff RUN RUN`: what is different in the second, such as on a laptop and in CI. Exits with 0 whatever it is. */
export async function diffCommand(first: string, second: string, options: CommonOptions): Promise<number> {
  const root = openRoot(options)
  const [before, after] = [await findRun(root, first), await findRun(root, second)]
  const differences = compareRuns(before, after)
  if (options.format === 'json') process.stdout.write(`${JSON.stringify({ from: before.record.id, to: after.record.id, differences })}\n`)
  else {
    const named = ({ record }: typeof before) => `${record.id} (${record.command}, ${record.startedAt.slice(0, 16).replace('T', ' ')}, ${record.verdict.decision})`
    const lines = differences.map(({ text }) => `  ${text}`)
    print(visible(`${named(before)} → ${named(after)}`))
    print(lines.length === 0 ? '  Nothing is different.' : `${lines.map(visible).join('\n')}\n  Nothing else.`)
  }
  return 0
}
