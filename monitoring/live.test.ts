import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { freePort, hasProgram, run, until, type Running } from './running.ts'

const canRun = [hasProgram('prometheus', 'prometheus'), hasProgram('prometheus-alertmanager', 'prometheus-alertmanager')].every(Boolean)

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly { readonly record?: string; readonly alert?: string; readonly expr: string }[] }[]
}
interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}
interface Alert {
  readonly labels: Readonly<Record<string, string>>
  readonly status: { readonly state: string }
}

/** The windows of the rules, made so short that a test sees them pass; what is compared and added up stays as it is. */
const shorten = (rules: string) => rules.replace(/\[(?:5m|30m|1h|6h|3d)\]/g, '[6s]').replace(/^( +for: )\w+$/gm, '$11s')

describe.skipIf(!canRun)('a real Prometheus and Alertmanager beside the real service', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'monitoring-'))
  const programs: Running[] = []
  let service: Running
  let front = ''
  let metricsPort = 0
  let prometheus = ''
  let alertmanager = ''
  let startService: () => Promise<void>

  const get = async <T>(url: string): Promise<T> => {
    const answer = await fetch(url)
    if (!answer.ok) throw new Error(`GET ${url}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }
  const query = async (expr: string) => (await get<{ data: { result: Series[] } }>(`${prometheus}/api/v1/query?query=${encodeURIComponent(expr)}`)).data.result
  const received = () => get<Alert[]>(`${alertmanager}/api/v2/alerts`)
  const active = async (name: string) => (await received()).find(({ labels }) => labels['alertname'] === name)
  const forge = () => fetch(`${front}/tasks`, { method: 'POST', body: 'title=a', headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.example' } })

  beforeAll(async () => {
    const [port, prometheusPort, alertmanagerPort] = await Promise.all([freePort(), freePort(), freePort()])
    metricsPort = await freePort()
    front = `http://127.0.0.1:${port}`
    prometheus = `http://127.0.0.1:${prometheusPort}`
    alertmanager = `http://127.0.0.1:${alertmanagerPort}`
    cpSync(join(import.meta.dirname, 'prometheus'), scratch, { recursive: true })
    for (const file of readdirSync(join(scratch, 'rules'))) writeFileSync(join(scratch, 'rules', file), shorten(readFileSync(join(scratch, 'rules', file), 'utf8')))
    const config = join(scratch, 'prometheus.yml')
    writeFileSync(config, readFileSync(config, 'utf8').replaceAll('15s', '1s').replace('scrape_timeout: 5s', 'scrape_timeout: 1s').replace(':9464', `:${metricsPort}`).replace(':9093', `:${alertmanagerPort}`))
    startService = async () => {
      service = run(process.execPath, [join(import.meta.dirname, '../app/src/server.ts')], { HOST: '127.0.0.1', PORT: String(port), ADMIN_PORT: String(metricsPort), RATE_LIMIT: '0', K_REVISION: 'todo-1', K_SERVICE: 'todo' })
      programs.push(service)
      await until('the service starts', () => service.lines.some((line) => line.includes('App started')) || undefined, programs)
    }
    await startService()
    programs.push(
      run('prometheus-alertmanager', [`--config.file=${join(import.meta.dirname, 'alertmanager/alertmanager.yml')}`, `--storage.path=${join(scratch, 'alerts')}`, `--web.listen-address=127.0.0.1:${alertmanagerPort}`, '--cluster.listen-address=']),
      run('prometheus', [`--config.file=${config}`, `--storage.tsdb.path=${join(scratch, 'data')}`, `--web.listen-address=127.0.0.1:${prometheusPort}`, '--rules.alert.resend-delay=1s']),
    )
    await until('Prometheus scrapes the service', async () => ((await query('up{job="todo"} == 1')).length > 0 ? true : undefined), programs)
  })
  afterAll(async () => {
    await Promise.all(programs.map((program) => program.end()))
    rmSync(scratch, { recursive: true, force: true })
  })

  test('every rule finds data: what it reads is there under the names and labels that it reads', async () => {
    const files = ['recording.yml', 'alerts.yml'].map((file) => readFileSync(join(scratch, 'rules', file), 'utf8'))
    const rules = files.flatMap((text) => (parse(text) as RuleFile).groups.flatMap((group) => group.rules))
    // An alert has no data while it is quiet: both sides of its comparisons have.
    const asked = rules.flatMap(({ record, expr }) => (record !== undefined ? [expr, record] : expr.split(/ (?:and(?: on \([^)]*\))?|or) |\s[><=]=?\s/).filter((part) => /[a-z_]{3}/.test(part) && !part.includes('absent('))))
    expect(asked.length).toBeGreaterThan(50)
    for (const expr of asked) {
      await until(`data for ${expr}`, async () => {
        await fetch(`${front}/`)
        const found = await query(expr)
        return found.length > 0 && found.every(({ value }) => Number.isFinite(Number(value[1]))) ? true : undefined
      }, programs)
    }
  })

  test('forged changes raise an alert that Alertmanager gets, and it ends when they end', async () => {
    const raised = await until('CsrfFailureSurge fires', async () => {
      for (let count = 0; count < 20; count++) expect((await forge()).status).toBe(403)
      return active('CsrfFailureSurge')
    }, programs)
    expect(raised.labels).toMatchObject({ job: 'todo', severity: 'warning' })
    await until('CsrfFailureSurge ends', async () => ((await active('CsrfFailureSurge')) === undefined ? true : undefined), programs)
  })

  test('a service that ends raises an alert, and one that is back ends it, whatever its counters say then', async () => {
    await service.end()
    expect((await until('ServiceDown fires', () => active('ServiceDown'), programs)).labels).toMatchObject({ severity: 'critical', job: 'todo' })
    await startService()
    await until('ServiceDown ends', async () => ((await active('ServiceDown')) === undefined ? true : undefined), programs)
    expect((await query('job:csrf_failures:increase5m < 0')).length).toBe(0)
  })

  test('a service that answers with more series than it can have is taken for one that does not answer', async () => {
    await service.end()
    const lies = Array.from({ length: 6000 }, (_, index) => `lie{path="/${index}"} 1\n`).join('')
    const liar = createServer((_, response) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(lies)).listen(metricsPort, '127.0.0.1')
    try {
      await once(liar, 'request')
      await until('ServiceDown fires', () => active('ServiceDown'), programs)
      expect(await query('lie')).toEqual([])
    } finally {
      liar.closeAllConnections()
      liar.close()
      await startService()
    }
    await until('the service is scraped again', async () => ((await query('up{job="todo"} == 1')).length > 0 ? true : undefined), programs)
  })

  test('an instance that is down hides its own readings, and nothing of another instance or of another objective', async () => {
    const alert = (alertname: string, labels: Record<string, string>) => ({ labels: { alertname, job: 'other', ...labels } })
    const sent = [
      alert('ServiceDown', { instance: 'a', severity: 'critical' }),
      alert('DatabasePoolExhausted', { instance: 'a', severity: 'warning' }),
      alert('DatabasePoolExhausted', { instance: 'b', severity: 'warning' }),
      alert('CsrfFailureSurge', { severity: 'warning' }),
      alert('AvailabilityBudgetFast', { slo: 'availability', severity: 'critical' }),
      alert('AvailabilityBudgetSlow', { slo: 'availability', severity: 'warning' }),
      alert('LatencyBudgetSlow', { slo: 'latency', severity: 'warning' }),
    ]
    const answer = await fetch(`${alertmanager}/api/v2/alerts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(sent) })
    expect(answer.status).toBe(200)
    const hidden = await until('Alertmanager has judged all', async () => {
      const own = (await received()).filter(({ labels }) => labels['job'] === 'other')
      return own.length === sent.length && own.every(({ status }) => status.state !== 'unprocessed') ? own.filter(({ status }) => status.state === 'suppressed') : undefined
    }, programs)
    expect(hidden.map(({ labels }) => [labels['alertname'], labels['instance']]).toSorted()).toEqual([['AvailabilityBudgetSlow', undefined], ['DatabasePoolExhausted', 'a']])
  })
})
