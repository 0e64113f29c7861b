import { expect, test } from 'vitest'
import { describeConfig, readConfig } from './config.ts'

const problemsOf = (env: Record<string, string>): string[] => {
  const result = readConfig(env)
  return result.ok ? [] : result.problems.map(({ message }) => message)
}

test('an empty environment is enough, and makes a key that ends with the process', () => {
  const [first, second] = [readConfig({}), readConfig({})]
  if (!first.ok || !second.ok) throw new Error('refused')
  expect(first.config).toMatchObject({ host: '0.0.0.0', port: 8080, isSessionKeyTemporary: true })
  expect(first.config).not.toHaveProperty('admin')
  expect(first.config.sessionKey).toHaveLength(32)
  expect(first.config.sessionKey.equals(second.config.sessionKey)).toBe(false)
})

test('everything can be set', () => {
  const [key, previous] = ['k'.repeat(32), 'p'.repeat(32)]
  const numbers = { PORT: '9000', ADMIN_PORT: '9001', RATE_LIMIT: '0', TRUSTED_PROXY_HOPS: '2' }
  const keys = { SESSION_KEY: key, SESSION_KEY_PREVIOUS: previous }
  expect(readConfig({ ...numbers, ...keys, HOST: '127.0.0.1', ADMIN_HOST: '::1', DATABASE: 'sqlite:/data/a b.db', GOOGLE_CLOUD_PROJECT: 'p' })).toEqual({
    ok: true,
    config: {
      host: '127.0.0.1',
      port: 9000,
      admin: { host: '::1', port: 9001 },
      database: { kind: 'sqlite', path: '/data/a b.db' },
      sessionKey: Buffer.from(key),
      isSessionKeyTemporary: false,
      previousSessionKey: Buffer.from(previous),
      rateLimit: 0,
      trustedProxyHops: 2,
      projectId: 'p',
    },
  })
})

test("on Cloud Run Google's front end is the one proxy that is trusted, and elsewhere none", () => {
  const configOf = (env: Record<string, string>): unknown => {
    const result = readConfig(env)
    return result.ok ? result.config : result.problems
  }
  const cloudRun = { K_SERVICE: 'todo', K_REVISION: 'todo-00007' }
  expect(configOf(cloudRun)).toMatchObject({ trustedProxyHops: 1, cloudRun: { service: 'todo', revision: 'todo-00007' } })
  expect(configOf({ ...cloudRun, TRUSTED_PROXY_HOPS: '2' })).toMatchObject({ trustedProxyHops: 2 })
  expect(configOf({})).toMatchObject({ trustedProxyHops: 0, rateLimit: 300 })
})

test('every problem is told at once, each with what to do', () => {
  const keys = { SESSION_KEY: 'short', SESSION_KEY_PREVIOUS: 'shorter' }
  const numbers = { PORT: '80a', ADMIN_PORT: '65536', RATE_LIMIT: '-1', TRUSTED_PROXY_HOPS: '11' }
  expect(problemsOf({ ...numbers, ...keys, DATABASE: 'sqlite:' })).toEqual([
    'PORT is "80a"; give a whole number from 0 to 65535',
    'ADMIN_PORT is "65536"; give a whole number from 0 to 65535',
    expect.stringMatching(/^DATABASE .*; give sqlite:PATH/),
    'SESSION_KEY has 5 bytes; give at least 32 random ones, as from: openssl rand -base64 32',
    'SESSION_KEY_PREVIOUS has 7 bytes; give at least 32 random ones, as from: openssl rand -base64 32',
    'RATE_LIMIT is "-1"; give a whole number from 0 to 1000000',
    'TRUSTED_PROXY_HOPS is "11"; give a whole number from 0 to 10',
  ])
})

test('metrics are for this machine alone unless told otherwise, wherever the pages are', () => {
  const result = readConfig({ HOST: '0.0.0.0', ADMIN_PORT: '9001' })
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  expect(result.config.admin).toEqual({ host: '127.0.0.1', port: 9001 })
  expect(describeConfig(result.config)).toMatchObject({ host: '0.0.0.0', adminHost: '127.0.0.1' })
})

test('a previous key alone is a rotation that was not finished', () => {
  expect(problemsOf({ SESSION_KEY_PREVIOUS: 'p'.repeat(32) })).toEqual([expect.stringContaining('SESSION_KEY is not')])
})

test.each(['-1', '1e3', ' 80', '0x50', '80.0', '123456'])('%j is not a port', (PORT) => {
  expect(problemsOf({ PORT })).toHaveLength(1)
})

test('metrics cannot be put on the public port', () => {
  expect(problemsOf({ PORT: '9000', ADMIN_PORT: '9000' })).toEqual([
    'ADMIN_PORT is 9000, as is PORT; metrics must not be served on the public port',
  ])
})

test('a problem never repeats a secret', () => {
  const told = problemsOf({ DATABASE: 'mysql://todo:hunter2@db/todo', SESSION_KEY: 'hunter2', SESSION_KEY_PREVIOUS: 'hunter2' }).join('\n')
  expect(told).toContain('DATABASE')
  expect(told).not.toContain('hunter2')
})

test('what is printed at start says what matters, and no key or password', () => {
  const keys = { SESSION_KEY: 'hunter2'.repeat(5), SESSION_KEY_PREVIOUS: 'hunter3'.repeat(5) }
  const database = { DATABASE: 'mysql://todo@db.example:3307/todo', DATABASE_PASSWORD: 'hunter2' }
  const result = readConfig({ ...keys, ...database })
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  const told = describeConfig(result.config)
  expect(told).toMatchObject({ isKeyRotating: true, isSessionKeyTemporary: false, rateLimit: 300, trustedProxyHops: 0 })
  expect(told.database).toBe('mysql://todo@db.example:3307/todo')
  expect(JSON.stringify(told)).not.toContain('hunter')
  expect(JSON.stringify(told)).not.toContain(Buffer.from('hunter').toString('base64').slice(0, 7))
})
