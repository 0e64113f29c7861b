import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { hasProgram } from './running.ts'

interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly annotations?: { readonly runbook?: string; readonly summary?: string }
  readonly labels?: { readonly severity?: string }
}
interface RuleFile {
  readonly groups: readonly { readonly rules: readonly Rule[] }[]
}
interface Cases {
  readonly tests: readonly { readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[] }[]
}

const here = import.meta.dirname
const prometheus = join(here, 'prometheus')
const rulesOf = (file: string) => (parse(readFileSync(join(prometheus, 'rules', file), 'utf8')) as RuleFile).groups.flatMap(({ rules }) => rules)
const alerts = rulesOf('alerts.yml')
const hasPromtool = hasProgram('promtool', 'prometheus')
const hasAmtool = hasProgram('amtool', 'prometheus-alertmanager')

test.skipIf(!hasPromtool)('promtool finds the configuration and the rules in order', () => {
  expect(execFileSync('promtool', ['check', 'config', 'prometheus.yml'], { cwd: prometheus, encoding: 'utf8' })).toContain(`${alerts.length} rules found`)
})

test.skipIf(!hasPromtool)('promtool sees each alert fire, and stay quiet where it should', () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', 'rules.test.yml'], { cwd: prometheus, encoding: 'utf8' })
  expect({ status, said: `${stdout}${stderr}` }).toMatchObject({ status: 0 })
})

test.skipIf(!hasAmtool)("amtool finds Alertmanager's configuration in order", () => {
  expect(execFileSync('amtool', ['check-config', join(here, 'alertmanager/alertmanager.yml')], { encoding: 'utf8' })).toContain('SUCCESS')
})

test('each alert has a case in which it fires and one in which it stays quiet', () => {
  const cases = (parse(readFileSync(join(prometheus, 'rules.test.yml'), 'utf8')) as Cases).tests.flatMap((it) => it.alert_rule_test)
  const without = (isQuiet: boolean) => alerts.filter(({ alert }) => !cases.some((it) => it.alertname === alert && (it.exp_alerts.length === 0) === isQuiet))
  expect(without(false)).toEqual([])
  expect(without(true)).toEqual([])
})

test('each alert has a severity and a page in docs/runbooks that names it, and each page an alert', () => {
  const directory = join(here, '../docs/runbooks')
  const named = readdirSync(directory).flatMap((page) => {
    const [, line = ''] = /^Alerts: (.*)$/m.exec(readFileSync(join(directory, page), 'utf8')) ?? []
    return [...line.matchAll(/`(\w+)`/g)].map(([, alert]) => `${alert} docs/runbooks/${page}`)
  })
  expect(named.toSorted()).toEqual(alerts.map(({ alert, annotations }) => `${alert} ${annotations?.runbook}`).toSorted())
  expect(alerts.filter(({ labels }) => !['critical', 'warning'].includes(labels?.severity ?? ''))).toEqual([])
})

test('each page that Terraform’s alerts name is there', () => {
  const module = readFileSync(join(here, '../terraform/modules/observability/main.tf'), 'utf8')
  // `${each.value.name}` is the objective's.
  const pages = [...module.matchAll(/\$\{local\.runbooks\}\/(\S+?)\.md/g)].flatMap(([, page = '']) => (page.startsWith('$') ? ['availability', 'latency'] : [page]))
  expect(pages.length).toBeGreaterThan(2)
  expect(pages.filter((page) => !readdirSync(join(here, '../docs/runbooks')).includes(`${page}.md`))).toEqual([])
})
