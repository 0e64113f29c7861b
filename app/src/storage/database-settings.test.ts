import { expect, test } from 'vitest'
import { describeDatabase, readDatabaseSettings } from './database-settings.ts'

const read = (variables: Readonly<Record<string, string>>) => readDatabaseSettings((variable) => variables[variable])

const settingsOf = (variables: Readonly<Record<string, string>>) => {
  const result = read(variables)
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'))
  return result.settings
}

const problemsOf = (variables: Readonly<Record<string, string>>): string[] => {
  const result = read(variables)
  return result.ok ? [] : result.problems.map(({ message }) => message)
}

test('nothing set gives nothing', () => {
  expect(read({})).toEqual({ ok: true, settings: undefined })
})

test('a file is named by its path', () => {
  expect(settingsOf({ DATABASE: 'sqlite:/data/a b.db' })).toEqual({ kind: 'sqlite', path: '/data/a b.db' })
})

test('a server on this machine is reached without TLS, unless an authority is named', () => {
  const common = { kind: 'mysql', user: 'todo', database: 'tasks', pool: 10 }
  const server = { kind: 'tcp', host: 'localhost', port: 3306 }
  expect(settingsOf({ DATABASE: 'mysql://todo@localhost/tasks' })).toEqual({ ...common, server })
  expect(settingsOf({ DATABASE: 'mysql://todo@127.1.2.3:9/tasks' })).toMatchObject({ server: { host: '127.1.2.3', port: 9 } })
  expect(settingsOf({ DATABASE: 'mysql://todo@[::1]:9/tasks' })).toMatchObject({ server: { host: '::1', port: 9 } })
  const tls = { caPath: '/ca.pem' }
  expect(settingsOf({ DATABASE: 'mysql://todo@localhost/tasks', DATABASE_CA: '/ca.pem' })).toEqual({ ...common, server: { ...server, tls } })
})

test.each(['db.example.com', '127.0.0.1.example.com', 'localhost.example.com', '127'])('%s is reached with TLS only', (host) => {
  const DATABASE = `mysql://todo@${host}/tasks`
  expect(settingsOf({ DATABASE })).toMatchObject({ server: { host, tls: {} } })
  expect(settingsOf({ DATABASE, DATABASE_CA: '/ca.pem' })).toMatchObject({ server: { host, tls: { caPath: '/ca.pem' } } })
})

test.each(['10.0.0.5', '[2001:db8::1]', '128.0.0.1'])('%s is refused: an address, whose certificate could not be checked', (host) => {
  expect(problemsOf({ DATABASE: `mysql://todo@${host}/tasks` })).toEqual([expect.stringContaining("give the host's name")])
})

test('a socket is named by its path', () => {
  expect(settingsOf({ DATABASE: 'mysql://todo@/tasks?socket=/run/a.sock' })).toMatchObject({ server: { kind: 'socket', path: '/run/a.sock' } })
  expect(settingsOf({ DATABASE: 'mysql://todo@localhost/tasks?socket=/run/a.sock' })).toMatchObject({ server: { kind: 'socket' } })
})

test('a Cloud SQL instance is named beside the user and the database', () => {
  const variables = { DATABASE: 'mysql://todo-sa@/tasks', CLOUD_SQL_INSTANCE: 'p:europe-west1:todo' }
  const server = { kind: 'cloud-sql', instance: 'p:europe-west1:todo', ip: 'public' }
  expect(settingsOf(variables)).toEqual({ kind: 'mysql', user: 'todo-sa', database: 'tasks', pool: 10, server })
  const more = { ...variables, CLOUD_SQL_IP: 'private', DATABASE_PASSWORD: 'pw', DATABASE_POOL: '3', CLOUD_SQL_INSTANCE: 'example.com:p:r:i' }
  expect(settingsOf(more)).toMatchObject({ password: 'pw', pool: 3, server: { ip: 'private', instance: 'example.com:p:r:i' } })
})

test('a user may have any character, percent-encoded', () => {
  expect(settingsOf({ DATABASE: 'mysql://a%40b%2Fc@localhost/t' })).toMatchObject({ user: 'a@b/c' })
})

test.each([
  [{ DATABASE: 'sqlite:' }, 'DATABASE has sqlite:; give sqlite:PATH'],
  [{ DATABASE: '/data/todo.db' }, 'DATABASE has no scheme that is known here; give'],
  [{ DATABASE: 's3cret:x' }, 'DATABASE has no scheme that is known here; give'],
  [{ DATABASE: 'mysql://todo@db.example.com/t?socket=/run/a.sock' }, 'DATABASE names a host and a socket'],
  [{ DATABASE: 'mysql://todo@127.0.0.1/t?socket=/run/a.sock' }, 'DATABASE names a host and a socket'],
  [{ DATABASE: 'mysql://todo%3Ahunter2@localhost/t' }, 'DATABASE has mysql: with a colon in the user'],
  [{ DATABASE: 'postgres://a@b/c' }, 'DATABASE has postgres:; give'],
  [{ DATABASE: 'mysql://localhost/tasks' }, 'DATABASE has mysql:; give'],
  [{ DATABASE: 'mysql://todo@localhost' }, 'DATABASE has mysql:; give'],
  [{ DATABASE: 'mysql://todo@localhost/' }, 'DATABASE has mysql:; give'],
  [{ DATABASE: 'mysql://todo@localhost/t?ssl=no' }, 'DATABASE has mysql:; give'],
  [{ DATABASE: 'mysql://t%zz@localhost/t' }, 'DATABASE has mysql: with a stray %'],
  [{ DATABASE: 'mysql://todo@/tasks' }, 'DATABASE names no server'],
  [{ DATABASE: 'mysql://todo@localhost:70000/tasks' }, 'DATABASE has port 70000'],
  [{ DATABASE: 'mysql://todo@localhost:0/tasks' }, 'DATABASE has port 0'],
  [{ DATABASE: 'mysql://todo@localhost/t', DATABASE_POOL: '0' }, 'DATABASE_POOL is "0"'],
  [{ DATABASE: 'mysql://todo@localhost/t', DATABASE_POOL: '101' }, 'DATABASE_POOL is "101"'],
  [{ DATABASE: 'mysql://todo@localhost/t', CLOUD_SQL_INSTANCE: 'p:r:i' }, 'DATABASE names a server, and CLOUD_SQL_INSTANCE an instance'],
  [{ DATABASE: 'mysql://todo@/t', CLOUD_SQL_INSTANCE: 'todo' }, 'CLOUD_SQL_INSTANCE is "todo"; give project:region:instance'],
  [{ DATABASE: 'mysql://todo@/t', CLOUD_SQL_INSTANCE: 'p:r:i', CLOUD_SQL_IP: 'both' }, 'CLOUD_SQL_IP is "both"'],
  [{ DATABASE: 'mysql://todo@/t', CLOUD_SQL_INSTANCE: 'p:r:i', DATABASE_CA: '/ca' }, 'DATABASE_CA is set'],
  [{ DATABASE: 'sqlite:a', CLOUD_SQL_INSTANCE: 'p:r:i' }, 'CLOUD_SQL_INSTANCE is set, and DATABASE is a file'],
  [{ CLOUD_SQL_INSTANCE: 'p:r:i' }, 'CLOUD_SQL_INSTANCE is set, and DATABASE is not'],
  [{ DATABASE_PASSWORD: 'x' }, 'DATABASE_PASSWORD is set, and DATABASE is not'],
])('%j is refused, with what to do', (variables, problem) => {
  expect(problemsOf(variables)).toEqual([expect.stringContaining(problem)])
})

test('neither a problem nor the description repeats a password', () => {
  for (const DATABASE of ['mysql://todo:hunter2@db/todo', 'mysql://todo:hunter2@', 'mysql://todo:hunt/er2@db/todo']) {
    const told = problemsOf({ DATABASE }).join('\n')
    expect(told).toContain('DATABASE has mysql:')
    expect(told).not.toMatch(/hunt|er2/)
  }
  for (const DATABASE of ['hunter2:x', 'hunter2://x@y/z', 'mysql://todo%3Ahunter2@localhost/t', 'mysql://todo%3Ahunter2@/t?socket=/a']) {
    expect(problemsOf({ DATABASE })).toEqual([expect.not.stringContaining('hunter2')])
  }
  const settings = settingsOf({ DATABASE: 'mysql://todo@localhost/tasks', DATABASE_PASSWORD: 'hunter2' })
  expect(settings && describeDatabase(settings)).toBe('mysql://todo@localhost:3306/tasks')
})
