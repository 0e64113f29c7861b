import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { writeValidators } from '../../scripts/write-validators.ts'
import { explanations, problem, type ProblemName } from '../problems.ts'
import { openBrowser, startTestApp } from '../testing/test-app.ts'
import { openApi, writeOpenApi } from './openapi.ts'

test('the committed validators are those of the schemas', () => {
  const committed = readFileSync(new URL('./api-validators.ts', import.meta.url), 'utf8')
  expect(committed, 'run `npm run generate -w app`').toBe(writeValidators())
})

test('the document is one of OpenAPI 3.1, judged by a validator that is not ours', async () => {
  const validator = new Validator()
  const result = await validator.validate(JSON.parse(writeOpenApi()) as Record<string, unknown>)
  expect(result).toEqual({ valid: true })
  expect(validator.version).toBe('3.1')
  const { paths: _, ...broken } = structuredClone(openApi) as Record<string, unknown>
  expect((await new Validator().validate({ ...broken, info: {} })).valid).toBe(false)
})

test('what is served is the document, to anyone, without beginning a session', async () => {
  const { app } = await startTestApp()
  const answer = await openBrowser(app).get('/api/openapi.json')
  expect(answer.json()).toEqual(JSON.parse(JSON.stringify(openApi)))
  expect(answer.cookies).toEqual([])
})

test('it describes the routes that there are, no more and no fewer', async () => {
  const { app } = await startTestApp()
  const tree = app.printRoutes({ commonPrefix: false })
  const under = (parent: string) => tree.split('\n').filter((line) => line.includes(parent)).length
  // Each is a line of its own; the only one below another is the task below the tasks.
  expect(under(' api/') + under(' /:id (')).toBe(Object.keys(openApi.paths).length)
  for (const [path, item] of Object.entries(openApi.paths)) {
    for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
      const answer = await app.inject({ method, url: path.replace('{id}', '1') })
      // What is not described is answered with 405; what is, with anything else.
      expect([path, method, answer.statusCode !== 405]).toEqual([path, method, method in item])
    }
  }
})

test('every reference leads somewhere, and every operation has a name of its own', () => {
  const references = Array.from(JSON.stringify(openApi).matchAll(/"\$ref":"#\/([^"]+)"/g), ([, path = '']) => path)
  expect(references.length).toBeGreaterThan(50)
  for (const path of references) {
    expect([path, path.split('/').reduce((at: unknown, step) => (at as Record<string, unknown> | undefined)?.[step], openApi)]).toEqual([path, expect.any(Object)])
  }
  const names = Array.from(JSON.stringify(openApi).matchAll(/"operationId":"(\w+)"/g), ([, name]) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toHaveLength(8)
})

test('the type of every problem points to its description, which is such a problem', () => {
  for (const name of Object.keys(explanations) as ProblemName[]) {
    const { type } = problem(name, 'abc')
    const [path, fragment = ''] = type.split('#')
    expect(Object.keys(openApi.paths)).toContain(path)
    const example = fragment.split('/').slice(1).reduce((at: unknown, step) => (at as Record<string, unknown>)[step], openApi)
    expect(example).toMatchObject({ summary: explanations[name].summary, value: { type, status: explanations[name].status } })
  }
})

test('a change needs session and token, reading neither', () => {
  for (const item of Object.values(openApi.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (method === 'parameters') continue
      const { security } = operation as { security: object[] }
      expect(security).toContainEqual(method === 'get' ? {} : { session: [], token: [] })
    }
  }
})
