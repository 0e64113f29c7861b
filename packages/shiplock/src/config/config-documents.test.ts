import { Ajv2020 } from 'ajv/dist/2020.js'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { configDocuments } from '../../scripts/config-documents.ts'
import { checks } from '../checks/registry.ts'
import { configSchema } from './schema.ts'

const root = resolve(import.meta.dirname, '../../../..')
const schemaPath = 'packages/shiplock/config.schema.json'

test.each([...configDocuments(checks)])('%s is what the schema and the checks say', (path, text) => {
  expect(readFileSync(resolve(root, path), 'utf8'), 'stale; run `node packages/shiplock/scripts/write-config-docs.ts`').toBe(text)
})

test('the JSON schema is valid and takes and refuses what the config does', () => {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true })
  const accepts = ajv.compile(JSON.parse(readFileSync(resolve(root, schemaPath), 'utf8')))
  const configs: readonly unknown[] = [
    {},
    { service: { name: 'todo', directory: 'app', env: { LOG_LEVEL: 'info' }, startupProbe: { path: null } }, image: { build: null }, checks: { lint: false } },
    { gates: { lint: { failOn: 'never' } }, targets: { local: { port: 3000 } } },
    { servce: {} },
    { service: { name: 'Todo' } },
    { service: { directory: '../app' } },
    { service: { env: { PORT: '1' } } },
    { service: { port: 80.5 } },
    { checks: { lint: true } },
    { checks: { lint: { linter: 'jslint' } } },
    { gates: { lint: { failOn: 'severe' } } },
    [],
  ]
  const verdicts = configs.map((config) => accepts(config))
  expect(verdicts).toEqual([true, true, true, ...Array.from({ length: 9 }, () => false)])
  expect(configs.map((config) => configSchema(checks).safeParse(config).success)).toEqual(verdicts)
})

test('every field is described, and has a default or says where it comes from', () => {
  const walk = (schema: { properties?: Record<string, object> }, path: string): string[] =>
    Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
      const at = `${path}.${name}`
      const { description, default: value } = property as { description?: string; default?: unknown }
      const isCovered = (description !== undefined || path === '.gates') && (value !== undefined || /Default: /.test(description ?? ''))
      return [...(isCovered ? [] : [at]), ...walk(property, at)]
    })
  expect(walk(JSON.parse(readFileSync(resolve(root, schemaPath), 'utf8')), '')).toEqual([])
})
