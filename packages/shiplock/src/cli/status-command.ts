import { driftOf } from '../deploy/changes.ts'
import { openJournal } from '../deploy/journal.ts'
import { servedRevisions } from '../deploy/served.ts'
import { commitOf } from '../deploy/template.ts'
import { servingRevisions } from '../deploy/traffic.ts'
import { visible } from '../report/escape.ts'
import { runningTarget } from '../stages/local-target.ts'
import { journalPath } from '../stages/release-stages.ts'
import { interruption, unwrap } from './session.ts'
import { print } from './streams.ts'
import { liveTarget, type TargetOptions } from './target-option.ts'

const mostListed = 10

/** `shiplock status`: what serves, what could serve again, what was changed by hand, and what is under way. */
export async function statusCommand(options: TargetOptions): Promise<number> {
  const { signal, dispose } = interruption()
  try {
    const { repository, state, target, connection, api, service } = await liveTarget(options, signal)
    const live = unwrap(await api.getService(service))
    const all = live ? unwrap(await api.listRevisions(service)) : []
    const shares = live ? servingRevisions(live) : new Map<string, number>()
    const served = live ? servedRevisions(live) : []
    const serving = [...shares].map(([revision, percent]) => ({ revision, percent }))
    const tags = new Map((live?.trafficStatuses ?? []).flatMap(({ tag, revision, uri }) => (tag !== undefined && tag !== '' && revision !== undefined ? [[revision, uri] as const] : [])))
    const listed = all.filter(({ name }, index) => index < mostListed || shares.has(name) || served.includes(name))
    const revisions = listed.map((revision) => ({
      name: revision.name,
      percent: shares.get(revision.name) ?? 0,
      wasGood: served.includes(revision.name),
      image: revision.containers[0]?.image ?? '',
      commit: commitOf(revision),
      ...(tags.has(revision.name) && { candidateAt: tags.get(revision.name) }),
    }))
    const [only] = serving
    // Previews come and go by their own rules.
    const drift = live && !options.previews ? driftOf(live, serving.length === 1 ? all.find(({ name }) => name === only?.revision) : undefined) : []
    const unfinished = openJournal(journalPath(state, target.name)).read()
    const front = connection.frontUrl ?? live?.uri ?? ''
    const runtime = options.target === 'local' ? runningTarget(state.local)?.runtime : undefined
    const { name } = repository.config.service
    if (options.format === 'json') {
      print(JSON.stringify({ service: name, target: target.name, front, ...(runtime !== undefined && { runtime }), serving, revisions, drift, ...(unfinished && { unfinished: { candidate: unfinished.candidate, phase: unfinished.phase } }) }))
      return 0
    }
    const lines = [
      `${name} at ${front} (${runtime ?? target.title})`,
      ...revisions.map((it) => `  ${`${it.percent}%`.padStart(4)}  ${it.name}  ${it.image.replace(/^.*@(sha256:[0-9a-f]{12}).*$/, '$1')}${it.commit === '' ? '' : `  ${it.commit.slice(0, 12)}`}${it.candidateAt === undefined ? '' : `  ${it.candidateAt}`}${it.percent === 0 && it.wasGood ? '  can serve again' : ''}`),
      ...(serving.length === 0 ? ['  nothing is deployed'] : []),
      ...drift.map((text) => `drift: ${text}`),
      ...(unfinished ? [`a release of ${unfinished.candidate} is under way, or was cut short: the next one cleans up`] : []),
    ]
    print(lines.map(visible).join('\n'))
    return 0
  } finally {
    dispose()
  }
}
