import { lstatSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { RunRecord } from '@shiplock/findings'
import type { TreeFiles } from '../history/database.ts'
import { History } from '../history/database.ts'
import type { PipelineContext } from '../stages/context.ts'
import { isContinuousIntegration } from '../system/merge-base.ts'
import { visible } from '../report/escape.ts'
import { CommandFailure } from './report-failure.ts'
import { hasState, openState } from './session.ts'
import { say } from './streams.ts'

/** Keeps a run for `why`, `diff` and `serve`. Where it cannot be kept that is told, and the run is what it was. */
export async function keepRun({ state, workspace, environment }: PipelineContext, record: RunRecord): Promise<void> {
  // There is nothing there afterwards that could be asked.
  if (isContinuousIntegration(environment)) return
  try {
    using history = await History.open(state.history)
    history.add(record, Object.fromEntries([...workspace.snapshot.files].map(([path, { digest }]) => [path, digest.slice(0, 16)])))
  } catch (error) {
    say(`note: this run is not kept for why, diff and serve: ${error instanceof Error ? error.message : String(error)}`)
  }
}

export interface KeptRun {
  readonly record: RunRecord
  readonly files?: TreeFiles
}

const largestRecord = 256 * 1024 * 1024

/** A run by its id or the beginning of it, by how many runs ago it was, or the run.json of another machine. */
export async function findRun(root: string, asked: string): Promise<KeptRun> {
  const path = resolve(asked)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats) return { record: readRecord(asked, stats.isDirectory() ? join(path, 'run.json') : path) }
  using history = hasState(root) ? await History.openKept(openState(root).history) : undefined
  const found = history?.find(asked) ?? []
  if (found.length > 1) throw new CommandFailure(2, { message: `more than one run begins with ${visible(asked)}`, hint: 'name more of the id' })
  const [record] = found
  if (!record) throw new CommandFailure(2, { message: `there is no run ${visible(asked.slice(0, 60))}`, hint: 'name a run.json, an id as reports show it, or how many runs ago it was: 0 is the last' })
  const files = history?.filesOf(record.plan.tree)
  return { record, ...(files && { files }) }
}

function readRecord(asked: string, path: string): RunRecord {
  const refuse = (why: string) => new CommandFailure(2, { message: `${visible(asked)} is no record of a run: ${why}`, hint: 'name the run.json that --report wrote' })
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (!stats?.isFile() || stats.size > largestRecord) throw refuse(stats ? 'it is no file, or far too large' : 'it holds no run.json')
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error))
  }
  if (typeof value !== 'object' || value === null || !('schema' in value) || value.schema !== 'https://shiplock.dev/schemas/run-1.json') throw refuse('its schema is another one')
  return value as RunRecord
}
