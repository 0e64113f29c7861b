import { randomBytes } from 'node:crypto'
import { describeDatabase, readDatabaseSettings, type DatabaseSettings } from './storage/database-settings.ts'

/** Everything the service is told from outside, read once at start. No other module reads the environment. */
export interface Config {
  /** The address to bind. */
  readonly host: string
  /** The public port; 0 takes any free one. */
  readonly port: number
  /**
   * Where `/metrics` are served (ADMIN_PORT, and ADMIN_HOST: by default 127.0.0.1, which a sidecar on Cloud Run shares); absent,
   * nothing serves them.
   */
  readonly admin?: { readonly host: string; readonly port: number }
  /** Absent, a file in a temporary directory that goes with the process. */
  readonly database?: DatabaseSettings
  /** What cookies and form tokens are signed with: at least 32 bytes, never printed. */
  readonly sessionKey: Buffer
  /** Whether `sessionKey` was made at start, so that sessions end with the process. */
  readonly isSessionKeyTemporary: boolean
  /** The key before it, in a rotation: still accepted, never signed with. */
  readonly previousSessionKey?: Buffer
  /** Changes a minute from one client; 0 for as many as come. */
  readonly rateLimit: number
  /** Proxies in front of us whose X-Forwarded-For is true. */
  readonly trustedProxyHops: number
  /** The Google Cloud project, with which log lines name their trace in full. */
  readonly projectId?: string
  /** Where Cloud Run runs this: what Error Reporting groups errors by. */
  readonly cloudRun?: { readonly service: string; readonly revision: string }
}

/** A variable that cannot be used: what is wrong and what to do, without its value where that is secret. */
export interface ConfigProblem {
  readonly variable: string
  readonly message: string
}

/** The configuration, or all that is wrong with it. */
export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

const leastSessionKeyBytes = 32
/** Five a second, for a minute: more than a person's hands, and enough for an office behind one address. */
const defaultRateLimit = 300
const mostHops = 10

/** Reads the whole configuration; reports all problems at once. An empty variable counts as absent, as in most shells' habits. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ConfigResult {
  const problems: ConfigProblem[] = []
  const given = (variable: string): string | undefined => env[variable] || undefined

  const readNumber = (variable: string, most: number): number | undefined => {
    const text = given(variable)
    if (text === undefined) return undefined
    if (/^\d{1,9}$/.test(text) && Number(text) <= most) return Number(text)
    problems.push({ variable, message: `${variable} is ${JSON.stringify(text)}; give a whole number from 0 to ${most}` })
    return undefined
  }

  const readKey = (variable: string): Buffer | undefined => {
    const text = given(variable)
    if (text === undefined) return undefined
    const key = Buffer.from(text, 'utf8')
    if (key.length >= leastSessionKeyBytes) return key
    problems.push({
      variable,
      message: `${variable} has ${key.length} bytes; give at least ${leastSessionKeyBytes} random ones, as from: openssl rand -base64 32`,
    })
    return undefined
  }

  const service = given('K_SERVICE')
  const port = readNumber('PORT', 65_535) ?? 8080
  const adminPort = readNumber('ADMIN_PORT', 65_535)
  if (adminPort !== undefined && adminPort !== 0 && adminPort === port) {
    const variable = 'ADMIN_PORT'
    problems.push({ variable, message: `ADMIN_PORT is ${adminPort}, as is PORT; metrics must not be served on the public port` })
  }
  const database = readDatabaseSettings(given)
  if (!database.ok) problems.push(...database.problems)
  const sessionKey = readKey('SESSION_KEY')
  const previousSessionKey = readKey('SESSION_KEY_PREVIOUS')
  if (previousSessionKey !== undefined && given('SESSION_KEY') === undefined) {
    const message = 'SESSION_KEY_PREVIOUS is set and SESSION_KEY is not; give the new key as SESSION_KEY, or the old one, and no other'
    problems.push({ variable: 'SESSION_KEY_PREVIOUS', message })
  }
  const rateLimit = readNumber('RATE_LIMIT', 1_000_000) ?? defaultRateLimit
  // Google's front end is the one proxy in front of Cloud Run.
  const trustedProxyHops = readNumber('TRUSTED_PROXY_HOPS', mostHops) ?? (service === undefined ? 0 : 1)
  const projectId = given('GOOGLE_CLOUD_PROJECT')

  if (problems.length > 0 || !database.ok) return { ok: false, problems }
  return {
    ok: true,
    config: {
      host: given('HOST') ?? '0.0.0.0',
      port,
      ...(adminPort !== undefined && { admin: { host: given('ADMIN_HOST') ?? '127.0.0.1', port: adminPort } }),
      ...(database.settings !== undefined && { database: database.settings }),
      sessionKey: sessionKey ?? randomBytes(leastSessionKeyBytes),
      isSessionKeyTemporary: sessionKey === undefined,
      ...(previousSessionKey !== undefined && { previousSessionKey }),
      rateLimit,
      trustedProxyHops,
      ...(projectId !== undefined && { projectId }),
      ...(service !== undefined && { cloudRun: { service, revision: given('K_REVISION') ?? 'unknown' } }),
    },
  }
}

/** The configuration as the log may show it: all that decides how the service acts, and no secret. */
export function describeConfig(config: Config): Readonly<Record<string, unknown>> {
  const { host, admin, database, isSessionKeyTemporary, previousSessionKey, rateLimit, trustedProxyHops, projectId, cloudRun } = config
  return {
    host,
    ...(admin && { adminHost: admin.host }),
    ...(database && { database: describeDatabase(database) }),
    isSessionKeyTemporary,
    isKeyRotating: previousSessionKey !== undefined,
    rateLimit,
    trustedProxyHops,
    ...(projectId !== undefined && { projectId }),
    ...(cloudRun && { revision: cloudRun.revision }),
  }
}
