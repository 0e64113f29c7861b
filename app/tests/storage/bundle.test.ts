import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { build } from '../../src/testing/build.ts'
import { describeWithMariaDb } from '../../src/testing/mariadb.ts'
import { startProcess } from '../../src/testing/test-process.ts'

describeWithMariaDb('the bundled service, with no package beside it,', (server) => {
  async function buildForTest(): Promise<string> {
    const folder = await build()
    onTestFinished(() => rmSync(folder, { recursive: true }))
    return join(folder, 'server.mjs')
  }

  test('keeps its tasks in MariaDB', async () => {
    const { database, password = '' } = await server().createDatabase()
    const DATABASE = `mysql://todo@/${database}?socket=${server().socketPath}`
    const service = startProcess(await buildForTest(), { DATABASE, DATABASE_PASSWORD: password, SESSION_KEY: 'k'.repeat(40) })
    const { port } = await service.line('App started successfully')
    const address = `http://127.0.0.1:${port}`
    const response = await fetch(`${address}/`)
    expect(response.status).toBe(200)
    const csrf = /name="csrf" value="([^"]+)"/.exec(await response.text())?.[1] ?? ''
    const added = await fetch(`${address}/tasks`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; '), origin: address },
      body: new URLSearchParams({ csrf, title: 'kept in MariaDB' }),
    })
    expect(added.status).toBe(303)
    expect(await server().query('SELECT title FROM tasks', database)).toEqual([{ title: 'kept in MariaDB' }])
  })

  test('carries the Cloud SQL connector, and says what is wrong when nobody is who it could ask as', async () => {
    const service = startProcess(await buildForTest(), {
      DATABASE: 'mysql://todo@/tasks',
      CLOUD_SQL_INSTANCE: 'a-project:a-region:an-instance',
      // No metadata server is looked for.
      METADATA_SERVER_DETECTION: 'none',
      HOME: '/nowhere',
    })
    expect(await service.exit).toBe(1)
    expect(JSON.stringify(service.lines.at(-1))).toMatch(/Could not load the default credentials/)
  })
})
