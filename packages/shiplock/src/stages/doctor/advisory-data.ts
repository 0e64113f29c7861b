import { exportOf, findIndex, type Family } from '@shiplock/advisories/node'
import type { Config } from '../../config/config.ts'
import { fetchOnce, isResponse } from '../../system/http.ts'
import type { Examination } from './examination.ts'

const day = 86_400_000

/** Whether there is advisory data, how old it is, and whether newer can be had. */
export async function examineAdvisories(config: Config | undefined, { now, signal, isForCloud }: { readonly now: Date; readonly signal: AbortSignal; readonly isForCloud: boolean }): Promise<readonly Examination[]> {
  const options = config?.checks['dependencies']
  const maxAgeDays = typeof options === 'object' && options !== null && 'maxAgeDays' in options ? Number(options.maxAgeDays) : 7
  const wanted: readonly Family[] = config?.shipsService === false ? ['npm'] : ['npm', 'Debian', 'Node.js']
  const found = wanted.map((family) => ({ family, index: findIndex(undefined, family) }))
  const lines = found.map(({ family, index }): Examination => {
    const mend = `shiplock db update --only ${family}`
    if (!index) return { topic: 'advisories', name: family, state: isForCloud ? 'missing' : 'note', text: 'no index: the verdict is provisional, which the cloud refuses', mend }
    const days = Math.floor((now.getTime() - index.checkedAt) / day)
    const text = `${index.advisories} advisories, looked for ${days === 0 ? 'today' : `${days} day${days === 1 ? '' : 's'} ago`}`
    return days <= maxAgeDays ? { topic: 'advisories', name: family, state: 'good', text } : { topic: 'advisories', name: family, state: 'missing', text: `${text}, and ${maxAgeDays} days are the most`, mend }
  })
  if (lines.every(({ state }) => state === 'good')) return lines
  return [...lines, await source(signal)]
}

/** Asked for its head alone: all of it is tens of megabytes. */
async function source(signal: AbortSignal): Promise<Examination> {
  const url = exportOf('npm') ?? ''
  const answer = await fetchOnce({ method: 'HEAD', url, timeoutMs: 5000, signal, largestBody: 1024 })
  const host = URL.parse(url)?.host ?? url
  if (isResponse(answer) && answer.status < 400) return { topic: 'advisories', name: 'network', state: 'good', text: `${host} answers` }
  return { topic: 'advisories', name: 'network', state: 'note', text: isResponse(answer) ? `${host} answers ${answer.status}` : `${host} cannot be reached from here`, mend: 'name a mirror by SHIPLOCK_OSV_EXPORT, or an index of another machine by SHIPLOCK_ADVISORIES' }
}
