import { painter } from '../report/terminal/paint.ts'
import { visible } from '../report/escape.ts'
import { examineAdvisories } from '../stages/doctor/advisory-data.ts'
import { examineCloud } from '../stages/doctor/cloud.ts'
import type { Examination } from '../stages/doctor/examination.ts'
import { examineMachine } from '../stages/doctor/machine.ts'
import { examineRepository } from '../stages/doctor/repository.ts'
import { CommandFailure } from './report-failure.ts'
import { clock, interruption, openRepository, openRoot } from './session.ts'
import { print, say } from './streams.ts'
import type { TargetOptions } from './target-option.ts'
import { terminalStyle } from './terminal.ts'

/** `shiplock doctor`: what is missing, and for each line the command that mends it, before anything fails half way. Only looks. */
export async function doctorCommand(options: TargetOptions): Promise<number> {
  const root = openRoot(options)
  const { signal, dispose } = interruption()
  try {
    const { config, problem } = await configOf(options)
    const isForCloud = options.target === 'cloud-run'
    const lines: Examination[] = [
      ...(problem ? [problem] : []),
      ...(await examineMachine(root, config, process.env, { isForCloud })),
      ...(await examineRepository(root, config, { isForCloud })),
      ...(await examineAdvisories(config, { now: clock.startedAt, signal, isForCloud })),
      ...(isForCloud && config ? await examineCloud(config, process.env, { signal, now: Date.now }) : []),
    ]
    if (signal.aborted) return 130
    if (options.format === 'json') process.stdout.write(`${JSON.stringify(lines)}\n`)
    else print(render(options.quiet ? lines.filter(({ state }) => state !== 'good') : lines))
    const wrong = lines.filter(({ state }) => state === 'missing' || state === 'unknown').length
    if (!options.quiet) say(wrong === 0 ? 'Nothing is missing.' : `${wrong} to mend before ${isForCloud ? 'a release' : 'a run'} can go well.`)
    return problem ? 2 : wrong === 0 ? 0 : 3
  } finally {
    dispose()
  }
}

/** A config that cannot be used is one of the things that are missing. */
async function configOf(options: TargetOptions): Promise<{ config?: Awaited<ReturnType<typeof openRepository>>['config']; problem?: Examination }> {
  try {
    return { config: (await openRepository({ ...options, quiet: true })).config }
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error
    return { problem: { topic: 'repository', name: 'config', state: 'missing', text: error.message, mend: 'docs/configuration.md has every key' } }
  }
}

const marks = { good: ['green', '✔'], note: ['yellow', '!'], missing: ['red', '✖'], unknown: ['red', '?'] } as const

function render(lines: readonly Examination[]): string {
  const paint = painter(terminalStyle(process.stdout, process.env).colour)
  const widest = Math.max(0, ...lines.map(({ name }) => name.length))
  const topics = Map.groupBy(lines, ({ topic }) => topic)
  return [...topics].map(([topic, found]) => [
    `${topic.charAt(0).toUpperCase()}${topic.slice(1)}`,
    ...found.flatMap(({ name, state, text, mend }) => {
      const [colour, mark] = marks[state]
      const [first = '', ...more] = text.split('\n')
      const indent = ' '.repeat(widest + 6)
      return [`  ${paint(colour, mark)} ${visible(name).padEnd(widest)}  ${visible(first)}`, ...more.map((line) => `${indent}${visible(line)}`), ...(mend === undefined || state === 'good' ? [] : [`${indent}${paint('dim', '→')} ${visible(mend)}`])]
    }),
  ].join('\n')).join('\n\n')
}
