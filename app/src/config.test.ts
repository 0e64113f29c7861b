import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const problemsOf = (env: Record<string, string>): string[] => {
  const result = readConfig(env)
  return result.ok ? [] : result.problems.map(({ message }) => message)
}

test('an empty environment is enough, and makes a key that ends with the process', () => {
  const [first, second] = [readConfig({}), readConfig({})]
  if (!first.ok || !second.ok) throw new Error('refused')
  expect(first.config).toMatchObject({ host: '0.0.0.0', port: 8080, isSessionKeyTemporary: true })
  expect(first.config).not.toHaveProperty('adminPort')
  expect(first.config.sessionKey).toHaveLength(32)
  expect(first.config.sessionKey.equals(second.config.sessionKey)).toBe(false)
})

test('everything can be set', () => {
  const key = 'k'.repeat(32)
  const ports = { HOST: '127.0.0.1', PORT: '9000', ADMIN_PORT: '9001' }
  const env = { ...ports, DATABASE: 'sqlite:/data/a b.db', SESSION_KEY: key, GOOGLE_CLOUD_PROJECT: 'p' }
  expect(readConfig(env)).toEqual({
    ok: true,
    config: {
      host: '127.0.0.1',
      port: 9000,
      adminPort: 9001,
      databasePath: '/data/a b.db',
      sessionKey: Buffer.from(key),
      isSessionKeyTemporary: false,
      projectId: 'p',
    },
  })
})

test('every problem is told at once, each with what to do', () => {
  expect(problemsOf({ PORT: '80a', ADMIN_PORT: '65536', DATABASE: 'sqlite:', SESSION_KEY: 'short' })).toEqual([
    'PORT is "80a"; give a whole number from 0 to 65535',
    'ADMIN_PORT is "65536"; give a whole number from 0 to 65535',
    'DATABASE has sqlite:; give sqlite:PATH, such as sqlite:/var/lib/todo/todo.db',
    'SESSION_KEY has 5 bytes; give at least 32 random ones, as from: openssl rand -base64 32',
  ])
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
  const told = problemsOf({ DATABASE: 'mysql://todo:hunter2@db/todo', SESSION_KEY: 'hunter2' }).join('\n')
  expect(told).toContain('DATABASE has mysql:')
  expect(told).not.toContain('hunter2')
})
