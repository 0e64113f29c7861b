// Lighthouse on the service as it is shipped, behind TLS, in Debian's Chromium: a list of 20 tasks, as on a phone. Keeps the
// scores, each the median of three runs, as bench/results/lighthouse.json; ends with 1 unless each of the four is 1.00.
//   node bench/lighthouse.ts
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { median, writeResult } from '../../bench/result.ts'
import { chromiumFlags, chromiumPath } from '../tests/quality/chromium.ts'
import { startShippedService } from '../tests/quality/shipped-service.ts'
import { outsideTool } from './outside-tool.ts'
import { add, checkPage, visit } from './visitor.ts'
import { titles } from './parts/requests.ts'

const version = '13.5.0'
const categories = ['performance', 'accessibility', 'best-practices', 'seo']

interface Report {
  readonly categories: Readonly<Record<string, { readonly score: number; readonly auditRefs: readonly { readonly id: string; readonly weight: number }[] }>>
  readonly audits: Readonly<Record<string, { readonly title: string; readonly score: number | null; readonly displayValue?: string }>>
  readonly runtimeError?: { readonly message: string }
}

const tool = outsideTool('lighthouse', version)
const service = await startShippedService()
const folder = mkdtempSync(join(tmpdir(), 'todo-lighthouse-'))
try {
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(service.front.certificatePath, 'utf8')])
  const visitor = await visit(service.url)
  for (const title of titles) await add(visitor, title)
  await checkPage(visitor, titles)
  const headers = join(folder, 'headers.json')
  writeFileSync(headers, JSON.stringify({ cookie: visitor.cookie }))
  const flags = [
    '--output=json', '--quiet', `--extra-headers=${headers}`, `--only-categories=${categories.join(',')}`,
    `--chrome-flags=${['--headless=new', '--ignore-certificate-errors', ...chromiumFlags].join(' ')}`,
  ]
  const env = { ...process.env, CHROME_PATH: chromiumPath() }
  const run = async (): Promise<Report> => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(tool, 'cli/index.js'), service.url, ...flags], { env, maxBuffer: 2 ** 26 })
    const report = JSON.parse(stdout) as Report
    if (report.runtimeError) throw new Error(`Lighthouse could not judge the page: ${report.runtimeError.message}`)
    return report
  }
  const reports = [await run(), await run(), await run()]
  const scores = Object.fromEntries(categories.map((id) => [id, median(reports.map((report) => report.categories[id]?.score ?? 0))]))
  const flaws = ({ categories: judged, audits }: Report): string[] =>
    categories.flatMap((id) =>
      (judged[id]?.auditRefs ?? [])
        .filter(({ id: audit, weight }) => weight > 0 && (audits[audit]?.score ?? 1) < 1)
        .map(({ id: audit }) => `${id}: ${audits[audit]?.title}: ${audits[audit]?.displayValue ?? audit}`),
    )
  const imperfect = [...new Set(reports.flatMap(flaws))]
  writeResult('lighthouse', { tool: `lighthouse@${version}`, figures: scores, imperfect })
  if (Object.values(scores).some((score) => score < 1)) process.exitCode = 1
} finally {
  await service.stop()
  rmSync(folder, { recursive: true })
}
