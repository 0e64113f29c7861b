import type { FrontRequest } from './connections.ts'

/** The instance that a client had before. */
export interface Affinity {
  readonly revision: string
  readonly instance: string
}

/** As Google's front end names it. It holds nothing that has to be believed: where it leads is checked each time. */
const cookie = 'GAESA'
const cookiePattern = new RegExp(`(?:^|;\\s*)${cookie}=([\\w-]{1,400})(?:;|$)`)
const lifetimeSeconds = 30 * 24 * 3600

export function affinityOf(request: FrontRequest): Affinity | undefined {
  const sent = request.headers.cookie
  const value = sent === undefined ? undefined : cookiePattern.exec(sent)?.[1]
  if (value === undefined) return undefined
  const [, revision = '', instance = ''] = /^([a-z0-9-]{1,63}) ([0-9a-f-]{36})$/.exec(Buffer.from(value, 'base64url').toString('latin1')) ?? []
  return revision === '' ? undefined : { revision, instance }
}

export function affinityCookie({ revision, instance }: Affinity): string {
  return `${cookie}=${Buffer.from(`${revision} ${instance}`, 'latin1').toString('base64url')}; Path=/; Max-Age=${lifetimeSeconds}; HttpOnly`
}
