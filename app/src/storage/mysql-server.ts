import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'mysql2'
import type { MysqlServer, MysqlTls } from './database-settings.ts'

/** How the driver is told to reach a server. */
export interface ReachableServer {
  readonly options: ConnectionOptions
  close(): void
}

/** Prepares the way to a server. Rejects when that cannot be; `isPassing` says whether it may by itself. */
export async function reachServer(server: MysqlServer, hasPassword: boolean): Promise<ReachableServer> {
  switch (server.kind) {
    case 'socket':
      return { options: { socketPath: server.path }, close: () => {} }
    case 'tcp':
      return { options: { host: server.host, port: server.port, ...(server.tls && { ssl: tlsOptions(server.tls) }) }, close: () => {} }
    case 'cloud-sql': {
      // The connector brings Google's whole client library with it: only who uses it pays for that.
      const { connectCloudSql } = await import('./cloud-sql.ts')
      return connectCloudSql(server, hasPassword)
    }
  }
}

function tlsOptions({ caPath }: MysqlTls): NonNullable<ConnectionOptions['ssl']> {
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    // The driver's default is to take any name from a trusted authority.
    verifyIdentity: true,
    ...(caPath !== undefined && { ca: readCertificates(caPath) }),
  } as NonNullable<ConnectionOptions['ssl']>
}

function readCertificates(path: string): string {
  let text
  try {
    text = readFileSync(path, 'utf8')
    // An authority that cannot be read would just not be trusted, and the error be about the server's certificate.
    Array.from(text.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g), ([certificate]) => new X509Certificate(certificate))
  } catch (error) {
    throw new Error(`DATABASE_CA: cannot read ${path} as certificates in PEM`, { cause: error })
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw new Error(`DATABASE_CA: ${path} has no certificate in PEM`)
  return text
}

/** What the errors of Node, the driver, the server and Google's API say of themselves. */
interface Told {
  readonly code?: unknown
  readonly errno?: unknown
  readonly status?: unknown
}

/** Trouble of the moment, as a server that has not come up yet; anything else needs a person, and is better told at once. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, errno, status } = error as Told
  if (typeof errno === 'number' && errno > 0) return passingErrnos.has(errno)
  // Google's API: 4xx is what was asked for, but for 408 and 429.
  if (typeof status === 'number') return status >= 500 || status === 408 || status === 429
  // The driver puts its own code in the place of what went wrong with TLS.
  if (code === 'HANDSHAKE_SSL_ERROR') return /socket disconnected|ECONNRESET|EPIPE|ETIMEDOUT/.test(error.message)
  return typeof code === 'string' && passingCodes.has(code)
}

const passingCodes = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
])

// Too many connections (of this user), shutting down, out of memory, a lock not given in time.
const passingErrnos = new Set([1037, 1040, 1041, 1053, 1077, 1203, 1205, 1226])

const allow = 'give the service account the role roles/cloudsql.client (and roles/cloudsql.instanceUser without a password)'

const foreignTable = 'another program seems to have made the table tasks: name another database in DATABASE'

const advice: Readonly<Record<string, string>> = {
  1044: 'grant the user its rights on the database, or correct DATABASE',
  1045: 'correct the user in DATABASE, or DATABASE_PASSWORD',
  1049: 'create the database, or correct its name in DATABASE',
  1054: foreignTable,
  1072: foreignTable,
  1142: 'grant the user CREATE, ALTER, INDEX, REFERENCES, SELECT, INSERT, UPDATE and DELETE on the database',
  1176: foreignTable,
  1698: 'the server lets this user in only as the system user of the same name: use another, with DATABASE_PASSWORD',
  401: allow,
  403: `correct CLOUD_SQL_INSTANCE, or ${allow}, or turn on the API sqladmin.googleapis.com`,
  404: 'correct CLOUD_SQL_INSTANCE',
  HANDSHAKE_NO_SSL_SUPPORT: 'the server offers no TLS, and nothing is sent to another machine without: turn it on there',
  ENOENT: 'is the server running, and the socket at this path?',
  ENOTFOUND: 'is the host spelt right?',
  ECONNREFUSED: 'is the server running, and is it this port?',
}

function adviceOnTls({ message }: Error): string | undefined {
  if (message.includes('altnames') || message.includes('does not match certificate')) {
    return "the certificate is another host's: name the host in DATABASE as its certificate does"
  }
  if (message.includes('expired')) return "renew the server's certificate"
  if (message.includes('certificate')) return 'the certificate comes from no authority that is trusted here: name its authority in DATABASE_CA'
  return undefined
}

/** What went wrong, and what to do where that is known. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, errno, status } = error as Told
  const hint = code === 'HANDSHAKE_SSL_ERROR' ? adviceOnTls(error) : [errno, status, code].map((sign) => advice[String(sign)]).find((found) => found !== undefined)
  return hint === undefined ? error.message : `${error.message}; ${hint}`
}
