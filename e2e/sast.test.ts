import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from 'sarif'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

const password = 'correct-horse-battery-staple'
const server = `import express from 'express'
import { search } from './service.ts'

express().get('/orders', (request, response) => {
  response.json(search(request.query.customer as string))
})
`
const service = `import { ordersOf } from './store.ts'

export const search = (customer: string) => ordersOf(customer.trim())
`
const store = (query: string) => `import { DatabaseSync } from 'node:sqlite'

const database = new DatabaseSync('orders.db')
export const password = '${password}'

export function ordersOf(customer: string) {
${query}
}
`
const joined = '  return database.prepare("SELECT * FROM orders WHERE customer = \'" + customer + "\'").all()'

let repository: ScratchRepository

beforeEach(async () => {
  repository = await ScratchRepository.create({ 'server.ts': server, 'service.ts': service, 'store.ts': store(joined), 'package.json': '{ "private": true }' }, { withTools: false })
})
afterEach(() => repository.dispose())

const sast = (...args: string[]) => repository.shiplock(['sast', ...args])

test('an SQL injection across three files is drawn from the request to the query, and the fix silences it', async () => {
  const found = await sast()
  expect(found.exitCode).toBe(1)
  expect(found.stdout).toBe(`critical store.ts:7:19  sast/sql-injection  keeps the gate shut
  Untrusted input of a request \`request.query.customer\` reaches an SQL query: \`prepare\`
  7 │   return database.prepare("SELECT * FROM orders WHERE customer = '" + customer + "'").all()
    │                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  ● server.ts:5   request.query.customer
  ↓ service.ts:3  customer: string
  ↓ service.ts:3  customer.trim()
  ↓ store.ts:6    customer: string
  ↓ store.ts:7    prepare("SELECT * FROM orders WHERE customer = '" + customer + "'")
  fix: Pass values as parameters of the query, not as part of its text.
  why, and how to waive it: shiplock explain sast/sql-injection
`)
  repository.write('store.ts', store("  return database.prepare('SELECT * FROM orders WHERE customer = ?').all(customer)"))
  expect(await sast()).toMatchObject({ exitCode: 0, stdout: '' })
})

test('it is waived with a comment that gives a reason, by the rule or by its short number', async () => {
  repository.write('store.ts', store(`  // shiplock-ignore sast/sql-injection -- the table is a copy without names\n${joined}`))
  expect(await sast()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 finding waived') })
  repository.write('store.ts', store(`${joined} // nosec SL104 -- the table is a copy without names`))
  expect(await sast()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 finding waived') })
  expect((await repository.shiplock(['explain', 'SL104'])).stdout).toContain('## sast/sql-injection')
})

test('SARIF has the way as a code flow and every weakness of a rule as a tag; --exit-zero and a baseline end with 0', async () => {
  const { exitCode, stdout } = await sast('--format', 'sarif', '--exit-zero', '.')
  expect(exitCode).toBe(0)
  const run = (JSON.parse(stdout) as Log).runs[0]
  expect(run?.results?.[0]?.codeFlows?.[0]?.threadFlows[0]?.locations.map(({ location }) => location?.physicalLocation?.artifactLocation?.uri)).toEqual(['server.ts', 'service.ts', 'service.ts', 'store.ts', 'store.ts'])
  expect(run?.tool.driver.rules?.find(({ id }) => id === 'sast/command-injection')?.properties?.tags).toEqual(['security', 'sast', 'external/cwe/cwe-078', 'external/cwe/cwe-077', 'external/cwe/cwe-088', 'SL101'])
  expect((await sast()).exitCode).toBe(1)
  await repository.shiplock(['baseline', '--only', 'sast'])
  expect((await sast()).exitCode).toBe(0)
  expect(await sast('-b', 'shiplock.baseline.json')).toMatchObject({ exitCode: 0, stdout: '', stderr: expect.stringContaining('Every gate is open to what is new since the baseline.') })
  const old = await sast('-b', 'shiplock.baseline.json', '--format', 'json')
  expect({ ...old, record: JSON.parse(old.stdout) }).toMatchObject({ exitCode: 0, record: { exitCode: 0, verdict: { decision: 'allowed', isAboutNewOnly: true, reasons: [] } } })
  repository.write('other.ts', store(joined).replaceAll('orders', 'bills').replace('export function billsOf(customer: string) {', "import express from 'express'\nexpress().get('/', (request) => billsOf(request.query.customer as string))\nfunction billsOf(customer: string) {"))
  expect(await sast('-b', 'shiplock.baseline.json')).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^critical other\.ts:\d+:\d+ {2}sast\/sql-injection/) })
})

test('what is remembered of the files does not hold what they hold', async () => {
  await sast()
  repository.write('service.ts', `${service}// changed\n`)
  await sast()
  const kept = readdirSync(join(repository.root, '.shiplock'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(kept.filter(({ parentPath, name }) => readFileSync(join(parentPath, name)).includes(password)).map(({ name }) => name)).toEqual([])
})

test('a file that cannot be read is a finding and does not end the check', async () => {
  repository.write('broken.ts', 'const = 1\n')
  const { stdout } = await sast()
  expect(stdout).toContain('high broken.ts:1  sast/unreadable-file')
  expect(stdout).toContain('sast/sql-injection')
})

test('only what is severe enough is shown, or sure enough; --exit-zero ends with 0 whatever is found', async () => {
  repository.write('store.ts', store(joined))
  repository.write('links.ts', `import { spawn } from 'node:child_process'\nimport express from 'express'\nexpress().get('/log', (request, response) => {\n  console.log(request.query.name)\n  response.send(spawn('git', ['log', request.query.branch as string]).pid)\n})\n`)
  const rules = async (...args: string[]) => [...new Set((await sast(...args)).stdout.match(/sast\/[\w-]+(?= {2}|$)/gm))].toSorted()
  const all = await rules('--exit-zero')
  expect(all).toEqual(['sast/argument-injection', 'sast/log-injection', 'sast/sql-injection'])
  expect(await rules('--severity-level', 'medium', '--exit-zero')).toEqual(['sast/argument-injection', 'sast/sql-injection'])
  expect(await rules('--severity-level', 'critical', '--exit-zero')).toEqual(['sast/sql-injection'])
  expect(await rules('--confidence-level', 'high', '--exit-zero')).toEqual(['sast/sql-injection'])
  expect((await sast('--exit-zero')).exitCode).toBe(0)
  expect(await sast('--severity-level', 'loud')).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('loud') })
})

test('the way leads into the template that a handler renders, and a comment there waives it', async () => {
  repository.write('store.ts', store("  return database.prepare('SELECT * FROM orders WHERE customer = ?').all(customer)"))
  repository.write('pages.ts', `import express from 'express'\nexpress().get('/', (request, response) => response.render('hello', { name: request.query.name }))\n`)
  repository.write('views/hello.ejs', '<h1>Hello <%- name %></h1>\n')
  const found = await sast()
  expect(found).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^high views\/hello\.ejs:1:\d+ {2}sast\/cross-site-scripting/) })
  expect(found.stdout).toContain('● pages.ts:2')
  expect(found.stdout).toContain('views/hello.ejs:1  name')
  repository.write('views/hello.ejs', '<%# shiplock-ignore sast/cross-site-scripting -- names hold markup that the editor has cleaned %>\n<h1>Hello <%- name %></h1>\n')
  expect(await sast()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 finding waived') })
  repository.write('views/hello.ejs', '<h1>Hello <%= name %></h1>\n')
  expect(await sast()).toMatchObject({ exitCode: 0, stdout: '' })
})

test('what is too large is told as not read, what pages load minified is named, and neither hides what stands beside it', async () => {
  repository.write('tables.ts', `export const table = [\n${"  'a generated line',\n".repeat(270_000)}]\n`)
  repository.write('public/app.min.js', `${'function a(b){return b+1};'.repeat(2000)}\n`)
  repository.write('types.ts', 'export interface Order { readonly id: number }\nexport type Orders = readonly Order[]\n')
  const { stdout, stderr } = await sast()
  expect(stdout).toMatch(/high tables\.ts:1 {2}sast\/unreadable-file/)
  expect(stdout).toContain('sast/sql-injection')
  expect(stdout + stderr).toContain('minified (public/app.min.js)')
})
