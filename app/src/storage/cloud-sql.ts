import type { ConnectorOptions } from '@google-cloud/cloud-sql-connector'
import type { ConnectionOptions } from 'mysql2'
import type { MysqlServer } from './database-settings.ts'
import type { ReachableServer } from './mysql-server.ts'

/** What a test sets otherwise: another endpoint of the SQL Admin API, another identity. */
export type CloudSqlApi = Pick<ConnectorOptions, 'sqlAdminAPIEndpoint' | 'auth'>

/**
 * Reaches a Cloud SQL instance through Google's connector: it asks the SQL Admin API, as the service's own identity, for the
 * instance's address and authority and for a certificate of an hour, and dials with TLS both ways. Without a password the
 * certificate also stands for the database user (IAM authentication).
 */
export async function connectCloudSql(
  { instance, ip }: Extract<MysqlServer, { kind: 'cloud-sql' }>,
  hasPassword: boolean,
  api: CloudSqlApi = {},
): Promise<ReachableServer> {
  const { AuthTypes, Connector, IpAddressTypes } = await import('@google-cloud/cloud-sql-connector')
  const connector = new Connector(api)
  const ipType = { public: IpAddressTypes.PUBLIC, private: IpAddressTypes.PRIVATE, psc: IpAddressTypes.PSC }[ip]
  const authType = hasPassword ? AuthTypes.PASSWORD : AuthTypes.IAM
  // Not closed when this rejects: nothing is running then, and closing would let the same error escape a second time.
  const { stream } = await connector.getOptions({ instanceConnectionName: instance, ipType, authType })
  keepTryingQuietly(connector)
  return { options: { stream, ...(!hasPassword && iamAuthentication) }, close: () => connector.close() }
}

/**
 * Until a first connection has succeeded, the connector lets an error of its background refresh escape as an unhandled rejection,
 * which ends the process: an API that is away for a moment would take the service with it. Told that one has succeeded, it tries again.
 */
function keepTryingQuietly(connector: object): void {
  const { instances } = connector as { readonly instances: ReadonlyMap<string, { readonly instance?: { setEstablishedConnection(): void } }> }
  for (const { instance } of instances.values()) instance?.setEstablishedConnection()
}

/**
 * The server asks an IAM user for a password in the clear, which the driver gives only when told to. There is none: who it is
 * was settled by the certificate. The stream is the connector's TLS.
 */
const iamAuthentication: ConnectionOptions = {
  authPlugins: { mysql_clear_password: () => () => Buffer.from('\0') },
}
