import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'

/** Who this process is for Google Cloud: tokens that are asked for each time, since they age; the library keeps them while they hold. */
export interface GoogleIdentity {
  readonly accessToken: () => Promise<Result<string>>
  /** For a service that is not public, by its origin. */
  readonly identityToken: (audience: string) => Promise<Result<string>>
}

const scope = 'https://www.googleapis.com/auth/cloud-platform'

/** Application Default Credentials: GOOGLE_APPLICATION_CREDENTIALS (Workload Identity Federation), `gcloud auth application-default login`, or the machine's own. */
export function googleIdentity(project: string): GoogleIdentity {
  // Loading it takes longer than most commands, and only the cloud needs it. Told the project, it does not look for it by another API.
  const auth = once(async () => new (await import('google-auth-library')).GoogleAuth({ scopes: [scope], projectId: project }))
  return {
    accessToken: () => asResult(async () => (await auth()).getAccessToken()),
    identityToken: (audience) =>
      asResult(async () => {
        const client = await (await auth()).getIdTokenClient(audience)
        return client.idTokenProvider.fetchIdToken(audience)
      }),
  }
}

async function asResult(token: () => Promise<string | null | undefined>): Promise<Result<string>> {
  try {
    const value = await token()
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

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
