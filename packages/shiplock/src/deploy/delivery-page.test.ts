import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../../..')
const page = readFileSync(join(root, 'docs/delivery.md'), 'utf8')

test('every fault of the page names a test that there is', () => {
  const rows = page.slice(page.indexOf('## Faults')).split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| fault') && !line.startsWith('| ---'))
  expect(rows.length).toBeGreaterThan(15)
  const here = new Set(readdirSync(import.meta.dirname, { recursive: true }).map((path) => String(path).split('/').at(-1)))
  for (const row of rows) {
    const named = [...(row.split('|').at(-2) ?? '').matchAll(/`([^`]+)`/g)].map(([, file = '']) => file)
    expect(named.length, row).toBeGreaterThan(0)
    expect(named.filter((file) => !here.has(file) && !existsSync(join(root, file))), row).toEqual([])
  }
})

test('the page has the default steps, and the commands that there are', () => {
  const commands = readFileSync(join(root, 'packages/shiplock/src/cli/command-line.ts'), 'utf8')
  const steps: number[] = JSON.parse(readFileSync(join(root, 'packages/shiplock/config.schema.json'), 'utf8')).properties.targets.properties.local.properties.canary.anyOf[1].properties.steps.default
  expect(page).toContain(`Canary: ${steps.map((step) => `${step}%`).join(', ')}`)
  for (const [, name = ''] of page.matchAll(/^\| `shiplock (\w+)/gm)) expect(commands).toContain(`program.command('${name}')`)
})

test('the variables that a migration is told of are those that it is given', () => {
  const source = readFileSync(join(import.meta.dirname, 'migrate.ts'), 'utf8')
  const named = [...page.matchAll(/SHIPLOCK_(?:MIGRATION|STABLE)\w*/g)].map(([name]) => name)
  expect(new Set(named).size).toBe(3)
  expect(named.filter((name) => !source.includes(name))).toEqual([])
})
