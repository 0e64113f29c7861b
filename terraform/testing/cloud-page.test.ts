import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import terraform from '../../packages/shiplock/src/checks/terraform/index.ts'
import { configurations, terraformRoot } from './run-terraform.ts'

const root = join(terraformRoot, '..')
const page = readFileSync(join(root, 'docs/cloud.md'), 'utf8')
const section = (title: string) => page.split(`## ${title}`)[1]?.split('\n## ')[0] ?? ''
const code = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, inside]) => inside ?? '')

test('every rule of the check `terraform` is in the table once, beside a folder that is there', () => {
  const rows = section('Rules of the check `terraform`').split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| where') && !line.startsWith('| ---'))
  const listed = rows.flatMap((row) => code(row.split('|')[2] ?? '').map((rule) => `terraform/${rule}`))
  expect(listed.toSorted()).toEqual(terraform.rules.map(({ id }) => id as string).toSorted())
  for (const row of rows.slice(0, -1)) expect(existsSync(join(root, code(row.split('|')[1] ?? '')[0] ?? 'none'))).toBe(true)
})

test('every folder that the page names is there, and every folder of Terraform is named', () => {
  const named = code(page).filter((it) => /^(?:terraform|packages|app|\.github)\/\S*\/?$/.test(it))
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
  const modules = configurations(terraformRoot).filter((folder) => folder !== 'modules/environment' && folder !== 'envs/staging')
  expect(modules.filter((folder) => !named.includes(`terraform/${folder}/`))).toEqual([])
})

test('every output that the config is fed by is one of the environment', () => {
  const outputs = readFileSync(join(terraformRoot, 'modules/environment/outputs.tf'), 'utf8')
  const named = section("Terraform's values in the config").split('\n').filter((line) => line.startsWith('| `')).flatMap((row) => code(row.split('|')[1] ?? ''))
  expect(named.length).toBeGreaterThan(6)
  expect(named.filter((name) => !new RegExp(`^\\s+${name}\\s+=`, 'm').test(outputs))).toEqual([])
})
