import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from 'node:tls'
import { AuthClient } from '@google-cloud/cloud-sql-connector'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../src/observability/log.ts'
import type { OwnerId } from '../../src/security/session.ts'
import { connectCloudSql, type CloudSqlApi } from '../../src/storage/cloud-sql.ts'
import type { MysqlServer, MysqlSettings } from '../../src/storage/database-settings.ts'
import { openMysqlTaskStore } from '../../src/storage/mysql-task-store.ts'
import { describeWith, startMariaDb, type MariaDb } from '../../src/testing/mariadb.ts'
import type { TaskStore } from '../../src/tasks/task-store.ts'
import { createAuthority, issueCertificate, type Certificate } from './certificates.ts'

const ann = 'ann' as OwnerId
const instance: MysqlServer = { kind: 'cloud-sql', instance: 'a-project:a-region:an-instance', ip: 'private' }

// The port is the connector's own and cannot be set; an address that nothing else on this machine is likely to use it at.
const [host, port] = ['127.0.42.7', 3307]

describeWith(['mariadbd', 'mariadb-install-db', 'openssl'], 'a Cloud SQL instance', () => {
  const folder = mkdtempSync(join(tmpdir(), 'todo-cloud-sql-'))
  let mariadb: MariaDb
  let authority: Certificate
  let api: Server
  let proxy: TlsServer
  /** Bodies of the requests for certificates. */
  let asked: Readonly<Record<string, unknown>>[] = []
  let clients: string[] = []
  let apiStatus = 200
  /** Requests that the API refused. */
  let failures = 0

  beforeAll(async () => {
    authority = createAuthority(folder, 'instance-authority')
    mariadb = await startMariaDb()
    // As the SQL Admin API answers (v1beta4: connect.get, connect.generateEphemeralCert).
    const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      let body = ''
      for await (const bytes of request) body += String(bytes)
      const answer = (value: unknown): void => {
        if (apiStatus !== 200) failures += 1
        response.writeHead(apiStatus, { 'content-type': 'application/json' })
        response.end(JSON.stringify(apiStatus === 200 ? value : { error: { code: apiStatus, message: 'no', errors: [] } }))
      }
      if (request.url === '/sql/v1beta4/projects/a-project/instances/an-instance/connectSettings') {
        answer({
          region: 'a-region',
          databaseVersion: 'MYSQL_8_0',
          ipAddresses: [{ type: 'PRIVATE', ipAddress: host }],
          serverCaCert: { cert: readFileSync(authority.certificatePath, 'utf8'), expirationTime: '2100-01-01T00:00:00Z' },
        })
      } else if (request.url === '/sql/v1beta4/projects/a-project/instances/an-instance:generateEphemeralCert' && request.method === 'POST') {
        const given = JSON.parse(body) as Record<string, unknown>
        asked.push(given)
        const publicKeyPath = join(folder, `${asked.length}.pub`)
        writeFileSync(publicKeyPath, String(given.public_key))
        const { certificatePath } = issueCertificate(folder, authority, { name: `client-${asked.length}`, subject: 'a-client', publicKeyPath })
        answer({ ephemeralCert: { cert: readFileSync(certificatePath, 'utf8') } })
      } else {
        response.writeHead(404).end()
      }
    }
    api = createServer((request, response) => void reply(request, response)).listen(0, '127.0.0.1')
    await once(api, 'listening')
    proxy = await startProxy('a-project:an-instance')
  })

  afterAll(async () => {
    api.close()
    proxy.close()
    await mariadb.remove()
    rmSync(folder, { recursive: true })
  })

  /** What stands before an instance: TLS with certificates on both sides, and MySQL inside. */
  async function startProxy(subject: string): Promise<TlsServer> {
    const { keyPath, certificatePath } = issueCertificate(folder, authority, { name: 'instance', subject })
    const [key, cert, ca] = [keyPath, certificatePath, authority.certificatePath].map((path) => readFileSync(path))
    const server = createTlsServer({ key: key as Buffer, cert: cert as Buffer, ca: ca as Buffer, requestCert: true, rejectUnauthorized: true }, (socket: TLSSocket) => {
      clients.push(socket.getPeerCertificate().subject.CN as string)
      const upstream = connect(mariadb.socketPath)
      socket.pipe(upstream).pipe(socket)
      for (const end of [socket, upstream]) {
        end.on('error', () => {})
        end.on('close', () => {
          socket.destroy()
          upstream.destroy()
        })
      }
    })
    server.on('tlsClientError', () => {})
    server.listen(port, host)
    await once(server, 'listening')
    return server
  }

  /** An identity that asks nobody for its token. */
  class StandInIdentity extends AuthClient {
    async getAccessToken(): Promise<{ token: string }> {
      return { token: 'a token' }
    }
    async getRequestHeaders(): Promise<Headers> {
      return new Headers({ authorization: 'Bearer a token' })
    }
    override request = this.transporter.request.bind(this.transporter) as AuthClient['request']
  }

  const standIn = (): CloudSqlApi => ({
    sqlAdminAPIEndpoint: `http://127.0.0.1:${(api.address() as AddressInfo).port}/`,
    auth: new StandInIdentity(),
  })

  async function openStore(settings: MysqlSettings): Promise<TaskStore> {
    asked = []
    clients = []
    const store = await openMysqlTaskStore(settings, createLog(() => {}), {
      reach: (server, hasPassword) => connectCloudSql(server as Extract<MysqlServer, { kind: 'cloud-sql' }>, hasPassword, standIn()),
    })
    onTestFinished(() => store.close())
    return store
  }

  test('is reached by its name alone, with a password: address, authority and certificate come from the API', async () => {
    const settings = await mariadb.createDatabase()
    const store = await openStore({ ...settings, server: instance })
    await Promise.all([store.add(ann, 'a'), store.add(ann, 'b')])
    expect((await store.list(ann, { show: 'all', limit: 9 })).tasks).toHaveLength(2)
    // One certificate for all connections; the connector asks for another, a moment later, when one ends with an error.
    await wait(500)
    expect(asked).toHaveLength(1)
    expect(asked[0]).not.toHaveProperty('access_token')
    expect(new Set(clients)).toEqual(new Set(['a-client']))
  })

  test('is reached without a password: the certificate is asked for with the token of the identity', async () => {
    const { database } = await mariadb.createDatabase()
    await mariadb.query(`CREATE USER \`todo-sa\`@'%'; GRANT ALL ON ${database}.* TO \`todo-sa\`@'%'`)
    const store = await openStore({ kind: 'mysql', server: instance, user: 'todo-sa', database, pool: 2 })
    await store.add(ann, 'a')
    expect(asked).toMatchObject([{ access_token: 'a token' }])
  })

  test('that shows the certificate of another instance is refused', async () => {
    const settings = await mariadb.createDatabase()
    proxy.close()
    await once(proxy, 'close')
    proxy = await startProxy('a-project:another-instance')
    await expect(openStore({ ...settings, server: instance })).rejects.toThrow('Certificate had CN a-project:another-instance')
    proxy.close()
    await once(proxy, 'close')
    proxy = await startProxy('a-project:an-instance')
    await openStore({ ...settings, server: instance })
  })

  test('that the identity may not use, or that does not exist, is refused at start', async () => {
    const settings = await mariadb.createDatabase()
    onTestFinished(() => void (apiStatus = 200))
    for (const status of [403, 404]) {
      apiStatus = status
      await expect(openStore({ ...settings, server: instance })).rejects.toThrow(/CLOUD_SQL_INSTANCE/)
    }
  })

  test('that is gone for a while is reached again, and nothing breaks meanwhile', async () => {
    const settings = await mariadb.createDatabase()
    const store = await openStore({ ...settings, server: instance })
    await store.add(ann, 'a')
    await mariadb.kill()
    await expect(store.add(ann, 'b')).rejects.toMatchObject({ name: 'StoreUnavailableError' })
    await mariadb.start()
    await expect.poll(() => store.check().then(() => true, () => false), { timeout: 5_000 }).toBe(true)
    expect((await store.list(ann, { show: 'all', limit: 9 })).tasks).toHaveLength(1)
  })

  test('that cannot be reached while the API is away too, before the first connection, ends no process', async () => {
    const reached = await connectCloudSql(instance as Extract<MysqlServer, { kind: 'cloud-sql' }>, true, standIn())
    onTestFinished(async () => {
      reached.close()
      apiStatus = 200
      proxy = await startProxy('a-project:an-instance')
    })
    proxy.close()
    apiStatus = 403
    // What escapes fails the run of this file.
    const { stream } = reached.options as { stream: () => TLSSocket }
    const socket = stream()
    const [error] = await once(socket, 'error')
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
    const before = failures
    await expect.poll(() => failures, { timeout: 5_000 }).toBeGreaterThan(before)
    await wait(100)
  })

  test('is the only one that the connector is loaded for, and MySQL the only one that its driver is', () => {
    const loadedBy = (settings: unknown): string =>
      execFileSync(
        process.execPath,
        [
          '--input-type=module',
          '--eval',
          `import { registerHooks } from 'node:module'
           const loaded = new Set()
           registerHooks({ load(url, context, next) { const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1]; if (name) loaded.add(name); return next(url, context) } })
           const { openTaskStore } = await import(${JSON.stringify(new URL('../../src/storage/open-task-store.ts', import.meta.url).href)})
           const store = await openTaskStore(${JSON.stringify(settings)}, () => {}).catch(() => undefined)
           await store?.close()
           console.log([...loaded].join(' '))
           process.exit(0)`,
        ],
        { encoding: 'utf8', env: { PATH: process.env.PATH, GOOGLE_APPLICATION_CREDENTIALS: '/nowhere' } },
      ).trim()
    expect(loadedBy({ kind: 'sqlite', path: join(folder, 'todo.db') })).toBe('')
    const mysql = { kind: 'mysql', user: 'u', database: 'd', pool: 1 }
    const driver = loadedBy({ ...mysql, server: { kind: 'socket', path: '/nowhere' } })
    expect(driver).toContain('mysql2')
    expect(driver).not.toMatch(/google|gaxios|grpc/)
    expect(loadedBy({ ...mysql, server: instance })).toMatch(/@google-cloud\/cloud-sql-connector.*grpc/)
  })
})
