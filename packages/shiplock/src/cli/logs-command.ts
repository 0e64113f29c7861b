import { servingRevisions } from '../deploy/traffic.ts'
import { visible } from '../report/escape.ts'
import type { LogEntry } from '../stages/service-logs.ts'
import { CommandFailure } from './report-failure.ts'
import { interruption, unwrap } from './session.ts'
import { print } from './streams.ts'
import { liveTarget, type TargetOptions } from './target-option.ts'

export interface LogsOptions extends TargetOptions {
  readonly lines: number
}

/** `shiplock logs [REVISION]`: what a revision said last; without a name the newest one, a candidate that failed among them. */
export async function logsCommand(revision: string | undefined, options: LogsOptions): Promise<number> {
  const { signal, dispose } = interruption()
  try {
    const { repository, connection, api, service } = await liveTarget(options, signal)
    const live = unwrap(await api.getService(service))
    if (!live) throw new CommandFailure(3, { message: `nothing of ${repository.config.service.name} is deployed`, hint: 'deploy it: shiplock run' })
    const revisions = unwrap(await api.listRevisions(service)).map(({ name }) => name)
    // It becomes part of a path and of a filter: nothing but the name of a revision that there is.
    if (revision !== undefined && !revisions.includes(revision)) throw new CommandFailure(2, { message: `there is no revision ${visible(revision)}`, hint: `there are ${revisions.slice(0, 10).join(', ')}` })
    const name = revision ?? revisions[0] ?? [...servingRevisions(live).keys()][0] ?? ''
    const entries = unwrap(await connection.logs({ service: repository.config.service.name, revision: name, most: options.lines, signal }))
    if (options.format === 'json') for (const entry of entries) print(JSON.stringify(entry))
    else for (const entry of entries) print(visible(lineOf(entry)))
    return 0
  } finally {
    dispose()
  }
}

function lineOf({ timestamp, severity, textPayload, jsonPayload, httpRequest }: LogEntry): string {
  const { message, ...others } = jsonPayload ?? {}
  const said = textPayload ?? (typeof message === 'string' ? message : '')
  const request = httpRequest ? `${httpRequest.requestMethod} ${httpRequest.requestUrl} ${httpRequest.status ?? ''}` : ''
  const rest = Object.keys(others).length > 0 ? JSON.stringify(others) : ''
  return [timestamp.slice(0, 23), severity === 'DEFAULT' ? '' : severity, said, request, rest].filter(Boolean).join('  ')
}
