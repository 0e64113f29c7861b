import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'mysql2'
import type { MysqlServer, MysqlTls } from './database-settings.ts'

/** How the driver is told to reach a server. */
export interface ReachableServer {
  readonly options: ConnectionOptions
  close(): void
}

/** Rejects with what to do when the settings cannot work; what may pass by itself is `isPassing`. */
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
    for (const [certificate] of text.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)) new X509Certificate(certificate)
  } catch (error) {
    throw new Error(`DATABASE_CA: cannot read ${path} as certificates in PEM`, { cause: error })
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw new Error(`DATABASE_CA: ${path} has no certificate in PEM`)
  return text
}

/** Trouble of the moment, as a server that has not come up yet; anything else needs a person, and is better told at once. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, errno, status } = error as Error & { code?: unknown; errno?: unknown; status?: unknown }
  if (typeof errno === 'number' && errno > 0) return passingErrnos.has(errno)
  // Google's API: 4xx is what was asked for, but for 408 and 429.
  if (typeof status === 'number') return status >= 500 || status === 408 || status === 429
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

const advice: Readonly<Record<string, string>> = {
  1044: 'grant the user its rights on the database, or correct DATABASE',
  1045: 'correct the user in DATABASE, or DATABASE_PASSWORD',
  1049: 'create the database, or correct its name in DATABASE',
  1142: 'grant the user CREATE, INDEX, REFERENCES, SELECT, INSERT, UPDATE and DELETE on the database',
  1698: 'the server lets this user in only as the system user of the same name: use another, with DATABASE_PASSWORD',
  HANDSHAKE_NO_SSL_SUPPORT: 'the server offers no TLS, and nothing is sent to another machine without: turn it on there',
  ERR_TLS_CERT_ALTNAME_INVALID: "the certificate is another host's: name the host in DATABASE as its certificate does",
  CERT_HAS_EXPIRED: "renew the server's certificate",
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate comes from no authority that is trusted here: name its authority in DATABASE_CA',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate comes from no authority that is trusted here: name its authority in DATABASE_CA',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate comes from no authority that is trusted here: name its authority in DATABASE_CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate comes from no authority that is trusted here: name its authority in DATABASE_CA',
  CERT_SIGNATURE_FAILURE: 'the certificate was not signed by the authority in DATABASE_CA, although it says so: name the right one',
  ENOENT: 'is the server running, and the socket at this path?',
  ENOTFOUND: 'is the host spelt right?',
  ECONNREFUSED: 'is the server running, and is it this port?',
}

/** What went wrong, and what to do where that is known. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, errno } = error as Error & { code?: unknown; errno?: unknown }
  const hint = advice[String(errno)] ?? advice[String(code)]
  return hint === undefined ? error.message : `${error.message}; ${hint}`
}
