import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { fetchOnce, isResponse } from './http.ts'

const metadataPath = '/computeMetadata/v1/instance/service-accounts/default/token'

/**
 * A token for Google Cloud: the one that gcloud would use (CLOUDSDK_AUTH_ACCESS_TOKEN, which the action
 * `google-github-actions/auth` gives for Workload Identity Federation), or on Google Cloud that of the machine's own identity. Only for
 * addresses that nobody can read on the way.
 */
export async function googleAccessToken(url: string, environment: NodeJS.ProcessEnv): Promise<Result<string, StageFailure>> {
  const { protocol, hostname, origin } = new URL(url)
  if (protocol !== 'https:' && !['127.0.0.1', '[::1]', 'localhost'].includes(hostname)) return fail(denied(`${origin} may not be told a token: it is not protected by TLS`))
  const given = environment['CLOUDSDK_AUTH_ACCESS_TOKEN']
  if (given) return ok(given)
  const host = environment['GCE_METADATA_HOST'] ?? 'metadata.google.internal'
  const answer = await fetchOnce({ method: 'GET', url: `http://${host}${metadataPath}`, headers: { 'metadata-flavor': 'Google' }, timeoutMs: 3000 })
  const token = isResponse(answer) && answer.status === 200 ? tokenIn(answer.body) : undefined
  return token === undefined ? fail(denied('there are no credentials for Google Cloud here: CLOUDSDK_AUTH_ACCESS_TOKEN is not set, and no metadata server answers')) : ok(token)
}

function tokenIn(body: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(body)
    return typeof answer === 'object' && answer !== null && 'access_token' in answer && typeof answer.access_token === 'string' ? answer.access_token : undefined
  } catch {
    // Somebody else answers at that name.
    return undefined
  }
}

const denied = (message: string): StageFailure => ({ reason: 'target-refused', message, hint: 'in GitHub Actions: google-github-actions/auth with `token_format: access_token`, and its output as CLOUDSDK_AUTH_ACCESS_TOKEN' })
