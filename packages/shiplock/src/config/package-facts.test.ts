import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { entrypoint, parsePackage, serviceName } from './package-facts.ts'

test.each([
  ['todo', 'todo'],
  ['@acme/My_App', 'my-app'],
  ['42-things', 'things'],
  ['-a-', 'a'],
  ['@acme/', undefined],
  ['日本', undefined],
  [undefined, undefined],
])('the package %s gives the service %s', (name, service) => expect(serviceName(name)).toBe(service))

test('every name that comes out is one that Cloud Run accepts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (name) => {
      expect(serviceName(name) ?? 'none').toMatch(/^[a-z]([-a-z0-9]{0,47}[a-z0-9])?$/)
    }),
  )
})

test.each([
  [{ start: 'node dist/server.mjs' }, 'main.js', ['node', 'dist/server.mjs']],
  [{ start: 'node --enable-source-maps dist/server.mjs' }, undefined, ['node', '--enable-source-maps', 'dist/server.mjs']],
  [{ start: 'NODE_ENV=production node server.js' }, 'main.js', ['node', 'main.js']],
  [{ start: 'node server.js && echo done' }, undefined, undefined],
  [{ start: 'node $(cat file)' }, undefined, undefined],
  [{}, '', undefined],
])('scripts %j and main %j start with %j', (scripts, main, command) => {
  expect(entrypoint({ scripts, hasDependencies: false, ...(main !== undefined && { main }) })).toEqual(command)
})

test('fields of another type than npm gives them are left out', () => {
  expect(parsePackage('{"name":1,"main":[],"scripts":{"build":2,"start":"node a.js","__proto__":"x"}}')).toEqual({
    ok: true,
    value: { scripts: Object.fromEntries([['start', 'node a.js'], ['__proto__', 'x']]), hasDependencies: false },
  })
  expect(parsePackage('{"scripts":"build"}')).toEqual({ ok: true, value: { scripts: {}, hasDependencies: false } })
})
