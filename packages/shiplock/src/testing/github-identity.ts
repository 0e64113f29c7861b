import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { createServer } from 'node:http'

/** What GitHub says of a job in its token (docs.github.com, OpenID Connect reference). */
export interface JobClaims {
  readonly repository: string
  readonly repository_id: string
  readonly repository_owner_id: string
  readonly ref: string
  readonly sub: string
  readonly runner_environment: string
  /** Only where the job names one. */
  readonly environment?: string
  /** `https://github.com/OWNER/NAME/PATH@REF` of the workflow: where Sigstore takes the certificate's name from. */
  readonly workflow_uri: string
}

export const githubIssuer = 'https://token.actions.githubusercontent.com'

/** What tells jobs who they are, on loopback: tokens of ten minutes, signed, for who holds the job's own credential. */
export interface GitHubIdentity extends AsyncDisposable {
  readonly publicKey: KeyObject
  /** Environment of a job with these claims and `id-token: write`. */
  readonly jobEnvironment: (claims: JobClaims) => Readonly<Record<string, string>>
  /** The same, as a token that has run out. */
  readonly expired: (claims: JobClaims) => Readonly<Record<string, string>>
}

export async function startGitHubIdentity(): Promise<GitHubIdentity> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jobs: { readonly claims: JobClaims; readonly lasts: number }[] = []
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const server = createServer((request, response) => {
    const number = Number(/^Bearer job-(\d+)$/.exec(request.headers.authorization ?? '')?.[1] ?? Number.NaN)
    const job = jobs[number]
    if (!job) return void response.writeHead(401, { 'content-type': 'application/json' }).end('{}')
    const now = Math.floor(Date.now() / 1000)
    const audience = new URL(request.url ?? '/', 'http://loopback').searchParams.get('audience')
    const signed = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ iss: githubIssuer, aud: audience, iat: now + Math.min(0, job.lasts) - 5, exp: now + job.lasts, ...job.claims })}`
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ value: `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}` }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server does not listen')
  const tell = (claims: JobClaims, lasts: number) => ({ ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${address.port}/token?api-version=2.0`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: `job-${jobs.push({ claims, lasts }) - 1}`, RUNNER_ENVIRONMENT: claims.runner_environment })
  return {
    publicKey,
    jobEnvironment: (claims) => tell(claims, 600),
    expired: (claims) => tell(claims, -60),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
