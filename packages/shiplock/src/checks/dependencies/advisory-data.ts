import type { Advisory, Component } from '@shiplock/advisories'
import { askRegistry, dayOf, findIndex, lookUp, type AdvisoryIndex } from '@shiplock/advisories/node'
import { fail, ok, type Result } from '@shiplock/findings'
import type { CheckContext } from '../check.ts'

const day = 24 * 60 * 60 * 1000
const hour = 60 * 60 * 1000

export interface AdvisoryData {
  readonly advisories: ReadonlyMap<string, readonly Advisory[]>
  /** Where from and how old, in plain words. */
  readonly origin: string
}

/** One from the future is of a clock that was wrong, and nobody knows how old. */
const isFresh = ({ checkedAt }: AdvisoryIndex, maxAgeDays: number) => Date.now() - checkedAt <= maxAgeDays * day && checkedAt - Date.now() <= day

/**
 * What the result depends on besides files: the index as it is, or the registry of this hour. An index that grows too old
 * is no longer the same.
 */
export function versions(maxAgeDays: number): Record<string, string> {
  const index = findIndex()
  return { advisories: index && isFresh(index, maxAgeDays) ? `osv ${index.digest}${dayOf(index)}` : `registry ${Math.floor(Date.now() / hour)}` }
}

/** From the index where it is young enough, else from the registry. */
export async function advisoriesFor(components: readonly Component[], maxAgeDays: number, { signal, findProgram }: Pick<CheckContext<unknown>, 'signal' | 'findProgram'>): Promise<Result<AdvisoryData>> {
  const index = findIndex()
  const known = index && isFresh(index, maxAgeDays) ? lookUp(index, components.map(({ name }) => name)) : undefined
  if (index && known?.ok) return ok({ advisories: known.value, origin: `OSV, ${age(index)} old` })
  const answer = await askRegistry(components, { signal, findProgram })
  if (answer.ok) return ok({ advisories: answer.value, origin: 'the registry, asked now' })
  const why = index ? (known && !known.ok ? known.failure.message : whyOld(index, maxAgeDays)) : 'there is no index of advisories'
  return fail({ ...answer.failure, message: `not matched against known vulnerabilities: ${why}, and ${answer.failure.message}` })
}

const whyOld = (index: AdvisoryIndex, maxAgeDays: number) => (index.checkedAt > Date.now() ? 'the index of advisories says that it was made in the future' : `the index of advisories is ${age(index)} old, which is over the limit of ${maxAgeDays} days`)

function age({ checkedAt }: AdvisoryIndex): string {
  const hours = Math.max(0, Math.floor((Date.now() - checkedAt) / hour))
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`
}
