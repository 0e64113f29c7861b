import { randomBytes } from 'node:crypto'

/** Everything the service is told from outside, read once at start. No other module reads the environment. */
export interface Config {
  /** The address to bind, for the public and the admin port alike. */
  readonly host: string
  /** The public port; 0 takes any free one. */
  readonly port: number
  /** The port that serves `/metrics`; absent, nothing serves them. */
  readonly adminPort?: number
  /** The path of the SQLite file; absent, a temporary directory holds it and goes with the process. */
  readonly databasePath?: string
  /** What cookies and form tokens are signed with: at least 32 bytes, never printed. */
  readonly sessionKey: Buffer
  /** Whether `sessionKey` was made at start, so that sessions end with the process. */
  readonly isSessionKeyTemporary: boolean
  /** The Google Cloud project, with which log lines name their trace in full. */
  readonly projectId?: string
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

/** Reads the whole configuration; reports all problems at once. An empty variable counts as absent, as in most shells' habits. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ConfigResult {
  const problems: ConfigProblem[] = []
  const given = (variable: string): string | undefined => env[variable] || undefined

  const readPort = (variable: string): number | undefined => {
    const text = given(variable)
    if (text === undefined) return undefined
    if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
    problems.push({ variable, message: `${variable} is ${JSON.stringify(text)}; give a whole number from 0 to 65535` })
    return undefined
  }

  const readDatabasePath = (): string | undefined => {
    const text = given('DATABASE')
    if (text === undefined) return undefined
    if (text.startsWith('sqlite:') && text.length > 'sqlite:'.length) return text.slice('sqlite:'.length)
    // The value may hold a password (`mysql://user:password@…`), so only its scheme is repeated.
    const scheme = /^[a-z0-9+]+:/i.exec(text)?.[0] ?? 'no scheme'
    problems.push({ variable: 'DATABASE', message: `DATABASE has ${scheme}; give sqlite:PATH, such as sqlite:/var/lib/todo/todo.db` })
    return undefined
  }

  const readSessionKey = (): Buffer | undefined => {
    const text = given('SESSION_KEY')
    if (text === undefined) return undefined
    const key = Buffer.from(text, 'utf8')
    if (key.length >= leastSessionKeyBytes) return key
    problems.push({
      variable: 'SESSION_KEY',
      message: `SESSION_KEY has ${key.length} bytes; give at least ${leastSessionKeyBytes} random ones, as from: openssl rand -base64 32`,
    })
    return undefined
  }

  const port = readPort('PORT') ?? 8080
  const adminPort = readPort('ADMIN_PORT')
  if (adminPort !== undefined && adminPort !== 0 && adminPort === port) {
    const variable = 'ADMIN_PORT'
    problems.push({ variable, message: `ADMIN_PORT is ${adminPort}, as is PORT; metrics must not be served on the public port` })
  }
  const databasePath = readDatabasePath()
  const sessionKey = readSessionKey()
  const projectId = given('GOOGLE_CLOUD_PROJECT')

  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    config: {
      host: given('HOST') ?? '0.0.0.0',
      port,
      ...(adminPort !== undefined && { adminPort }),
      ...(databasePath !== undefined && { databasePath }),
      sessionKey: sessionKey ?? randomBytes(leastSessionKeyBytes),
      isSessionKeyTemporary: sessionKey === undefined,
      ...(projectId !== undefined && { projectId }),
    },
  }
}
