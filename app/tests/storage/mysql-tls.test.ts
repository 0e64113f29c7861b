import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../src/observability/log.ts'
import type { OwnerId } from '../../src/security/session.ts'
import type { MysqlSettings } from '../../src/storage/database-settings.ts'
import { openMysqlTaskStore } from '../../src/storage/mysql-task-store.ts'
import { describeWith, startMariaDb, type MariaDb } from '../../src/testing/mariadb.ts'
import { createAuthority, issueCertificate, type Certificate } from './certificates.ts'

const ann = 'ann' as OwnerId

describeWith(['mariadbd', 'mariadb-install-db', 'openssl'], 'MariaDB with TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'todo-tls-'))
  let server: MariaDb
  let authority: Certificate
  let stranger: Certificate

  beforeAll(async () => {
    authority = createAuthority(folder, 'authority')
    stranger = createAuthority(folder, 'stranger')
    present(issueCertificate(folder, authority, { name: 'good', subject: 'localhost', hosts: ['localhost'] }))
    const file = (name: string): string => join(folder, name)
    server = await startMariaDb([`--ssl-cert=${file('server.pem')}`, `--ssl-key=${file('server.key')}`])
  })
  afterAll(async () => {
    await server.remove()
    rmSync(folder, { recursive: true })
  })

  /** What the server shows from its next start, or `FLUSH SSL`, on. */
  function present({ keyPath, certificatePath }: Certificate): void {
    copyFileSync(keyPath, join(folder, 'server.key'))
    copyFileSync(certificatePath, join(folder, 'server.pem'))
  }

  async function overTcp(caPath?: string): Promise<MysqlSettings> {
    const settings = await server.createDatabase()
    // Whoever comes without TLS is not let in.
    await server.query("ALTER USER todo@'%' REQUIRE SSL")
    return { ...settings, server: { kind: 'tcp', host: 'localhost', port: server.port, tls: caPath === undefined ? {} : { caPath } } }
  }

  const open = async (settings: MysqlSettings): Promise<void> => {
    const store = await openMysqlTaskStore(settings, createLog(() => {}))
    onTestFinished(() => store.close())
    // More than one, so that a session is resumed.
    await Promise.all(Array.from({ length: 20 }, (_, number) => store.add(ann, `${number}`)))
    expect((await store.list(ann, { show: 'all', limit: 100 })).tasks).toHaveLength(20)
    expect(store.poolUse().open).toBeGreaterThan(1)
  }

  test('whose certificate comes from the authority that is named is used, and without TLS it is not', async () => {
    const settings = await overTcp(authority.certificatePath)
    await open(settings)
    const plain: MysqlSettings = { ...settings, server: { kind: 'tcp', host: 'localhost', port: server.port } }
    await expect(open(plain)).rejects.toThrow(/Access denied/)
  })

  test("of another authority, also one of the system's, is refused, with what to do", async () => {
    await expect(open(await overTcp(stranger.certificatePath))).rejects.toThrow(/name its authority in DATABASE_CA/)
    await expect(open(await overTcp())).rejects.toThrow(/name its authority in DATABASE_CA/)
  })

  test("with another host's certificate is refused, with what to do, also if its common name is right", async () => {
    onTestFinished(async () => {
      present({ keyPath: join(folder, 'good.key'), certificatePath: join(folder, 'good.pem') })
      await server.query('FLUSH SSL')
    })
    for (const hosts of [['db.example'], ['localhost.example'], ['*.localhost']]) {
      present(issueCertificate(folder, authority, { name: `other-${hosts[0]}`.replace('*', 'any'), subject: 'localhost', hosts }))
      await server.query('FLUSH SSL')
      await expect(open(await overTcp(authority.certificatePath))).rejects.toThrow(/name the host in DATABASE as its certificate does/)
    }
  })

  test('that offers no TLS is refused before a password is sent', async () => {
    const plain = await startMariaDb()
    onTestFinished(() => plain.remove())
    const settings = await plain.createDatabase()
    const tls = { caPath: authority.certificatePath }
    await expect(open({ ...settings, server: { kind: 'tcp', host: 'localhost', port: plain.port, tls } })).rejects.toThrow(/the server offers no TLS/)
    // The same server without the demand: it is the demand that refused it.
    await open({ ...settings, server: { kind: 'tcp', host: 'localhost', port: plain.port } })
  })

  test('needs an authority that can be read', async () => {
    const notes = join(folder, 'notes.txt')
    writeFileSync(notes, 'notes')
    const broken = join(folder, 'broken.pem')
    writeFileSync(broken, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
    for (const path of [notes, broken, join(folder, 'missing.pem')]) {
      await expect(open(await overTcp(path))).rejects.toThrow(`DATABASE_CA: `)
    }
  })
})
