import { fail, ok, type Result } from '@shiplock/findings'
import { googleIdentity } from './google-identity.ts'

/** A token for an address of Google Cloud that nobody can read on the way: the one that gcloud was given (CLOUDSDK_AUTH_ACCESS_TOKEN), else that of whoever is signed in. */
export async function googleAccessToken(url: string, environment: NodeJS.ProcessEnv): Promise<Result<string>> {
  const { protocol, hostname, origin, pathname } = new URL(url)
  if (protocol !== 'https:' && !['127.0.0.1', '[::1]', 'localhost'].includes(hostname)) return fail({ reason: 'target-refused', message: `${origin} may not be told a token: it is not protected by TLS`, hint: 'use https' })
  const given = environment['CLOUDSDK_AUTH_ACCESS_TOKEN']
  if (given) return ok(given)
  // Resources of Google Cloud are named by their project first.
  return googleIdentity(/\/projects\/([^/]+)\//.exec(pathname)?.[1] ?? '').accessToken()
}
