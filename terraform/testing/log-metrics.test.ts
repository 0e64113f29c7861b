import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { terraformRoot } from './run-terraform.ts'

test('a metric of the log counts lines that the service really writes', () => {
  const module = readFileSync(join(terraformRoot, 'modules/observability/main.tf'), 'utf8')
  const counted = [...module.matchAll(/filter = "jsonPayload\.message:\\"([^"\\]+)\\""/g)].map(([, word]) => word)
  const written = ['security/csrf.ts', 'tasks/routes.ts'].map((path) => readFileSync(join(terraformRoot, '../app/src', path), 'utf8')).join('\n')
  expect(counted).toEqual(['CSRF failure:', 'Task added:'])
  expect(counted.filter((word) => !written.includes(`\`${word} `))).toEqual([])
})
