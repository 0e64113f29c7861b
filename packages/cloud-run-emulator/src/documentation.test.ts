import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Metrics } from './metrics/metrics.ts'
import { optionNames } from './options.ts'
import { jobEnvironment, serviceEnvironment } from './resource/container.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/local-cloud-run.md'), 'utf8')

test('every metric is in the documentation, by the name and type that it has', () => {
  const text = new Metrics({ project: 'p', location: 'l' }, () => []).text()
  for (const [, name, type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) expect(page).toMatch(new RegExp(`\\| \`${name}\` \\| ${type}`))
  expect([...page.matchAll(/^\| `([\w]+:\w+)` \|/gm)].map(([, name]) => name)).toEqual([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
})

test('every option is in the documentation', () => {
  const options = page.slice(page.indexOf('## Options'), page.indexOf('## What is not here'))
  expect(new Set([...options.matchAll(/`([a-z]+[A-Z]?\w*)`/g)].map(([, name]) => name).filter((name) => name !== undefined && optionNames.includes(name)))).toEqual(new Set(optionNames))
})

test('every variable of the container contract is in the documentation', () => {
  for (const name of [...serviceEnvironment, ...jobEnvironment]) expect(page).toContain(name)
})
