import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { fetchOnce, isResponse } from './http.ts'

/** Who this process is for Google Cloud: tokens that are asked for each time, since they age; the library keeps them while they hold. */
export interface GoogleIdentity {
  readonly accessToken: () => Promise<Result<string>>
  /** For a service that is not public, by its origin. */
  readonly identityToken: (audience: string) => Promise<Result<string>>
}

const scope = 'https://www.googleapis.com/auth/cloud-platform'

/** Application Default Credentials: GOOGLE_APPLICATION_CREDENTIALS (Workload Identity Federation), `gcloud auth application-default login`, or the machine's own. */
export function googleIdentity(project: string, environment: NodeJS.ProcessEnv): GoogleIdentity {
  // Loading it takes longer than most commands, and only the cloud needs it. Told the project, it does not look for it by another API.
  const auth = once(async () => new (await import('google-auth-library')).GoogleAuth({ scopes: [scope], projectId: project }))
  const accessToken = () => asResult(async () => (await auth()).getAccessToken())
  return {
    accessToken,
    identityToken: async (audience) => {
      const client = await asResult(async () => (await auth()).getClient())
      if (!client.ok) return client
      const { value } = client
      if ('fetchIdToken' in value) return asResult(() => value.fetchIdToken(audience))
      // A workload of another cloud has no identity token of its own: the account that it stands for has.
      const account = 'getServiceAccountEmail' in value ? value.getServiceAccountEmail() : null
      if (account === null) return fail(noAccount)
      const bearer = await accessToken()
      return bearer.ok ? identityTokenOf(account, audience, bearer.value, environment) : bearer
    },
  }
}

/** `generateIdToken` of the IAM Service Account Credentials API v1. */
async function identityTokenOf(account: string, audience: string, bearer: string, environment: NodeJS.ProcessEnv): Promise<Result<string>> {
  const base = environment['CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS'] || 'https://iamcredentials.googleapis.com/'
  const answer = await fetchOnce({ method: 'POST', url: new URL(`/v1/projects/-/serviceAccounts/${encodeURIComponent(account)}:generateIdToken`, base).href, headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }, body: JSON.stringify({ audience, includeEmail: true }), timeoutMs: 30_000 })
  if (!isResponse(answer)) return fail(answer)
  const token = answer.status === 200 ? tokenIn(answer.body) : undefined
  if (token !== undefined) return ok(token)
  return fail({ reason: 'target-refused', message: `no identity token of ${account} is given: it answers ${answer.status}`, detail: answer.body.slice(0, 500), hint: `who is signed in needs roles/iam.serviceAccountOpenIdTokenCreator on ${account}` })
}

function tokenIn(body: string): string | undefined {
  try {
    const { token }: { token?: unknown } = JSON.parse(body)
    return typeof token === 'string' && token !== '' ? token : undefined
  } catch {
    // What is no JSON has no token.
    return undefined
  }
}

const noAccount: StageFailure = { reason: 'target-unreachable', message: 'who is signed in to Google Cloud stands for no service account, and only one has identity tokens', hint: 'in CI: name `service_account` to google-github-actions/auth' }

async function asResult<T>(ask: () => Promise<T | null | undefined>): Promise<Result<T>> {
  try {
    const value = await ask()
    return value ? ok(value) : fail(notSignedIn('no token was given'))
  } catch (error) {
    // Whatever the library throws is about credentials or about reaching who gives tokens.
    return fail(notSignedIn(error instanceof Error ? error.message : String(error)))
  }
}

const notSignedIn = (why: string): StageFailure => ({
  reason: 'target-unreachable',
  message: `nobody is signed in to Google Cloud: ${why.split('\n')[0] ?? ''}`,
  hint: 'in CI: google-github-actions/auth with Workload Identity Federation; on a laptop: gcloud auth application-default login',
})

/** A token for an address of Google Cloud that nobody can read on the way: the one that gcloud was given (CLOUDSDK_AUTH_ACCESS_TOKEN), else that of whoever is signed in. */
export async function googleAccessToken(url: string, environment: NodeJS.ProcessEnv): Promise<Result<string>> {
  const { protocol, hostname, origin, pathname } = new URL(url)
  if (protocol !== 'https:' && !['127.0.0.1', '[::1]', 'localhost'].includes(hostname)) return fail({ reason: 'target-refused', message: `${origin} may not be told a token: it is not protected by TLS`, hint: 'use https' })
  const given = environment['CLOUDSDK_AUTH_ACCESS_TOKEN']
  if (given) return ok(given)
  // Resources of Google Cloud are named by their project first.
  return googleIdentity(/\/projects\/([^/]+)\//.exec(pathname)?.[1] ?? '', environment).accessToken()
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
