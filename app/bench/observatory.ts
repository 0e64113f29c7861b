// MDN's HTTP Observatory on the service as it is shipped, behind TLS as on Cloud Run, offline. Keeps what it says as
// bench/results/observatory.json; ends with 1 unless every test is passed with 135 points, which is all there are without
// a place on the browsers' HSTS preload list.
//   node bench/observatory.ts
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { writeResult } from '../../bench/result.ts'
import { startShippedService } from '../tests/quality/shipped-service.ts'
import { outsideTool } from './outside-tool.ts'

const version = '1.4.8'
const mostPoints = 135

interface TestResult {
  readonly pass: boolean
  readonly result: string | null
}

/** What of the Observatory is used here. */
interface Observatory {
  readonly retrieve: (host: string, options: { readonly httpPort: string; readonly httpsPort: string; readonly path: string }) => Promise<unknown>
  readonly tests: readonly ((retrieved: unknown) => TestResult)[]
  readonly points: (result: string) => number
  readonly grade: (points: number) => { readonly score: number; readonly grade: string }
  /** The points without bonus from which on the bonus counts. */
  readonly pointsForBonus: number
}

async function loadObservatory(): Promise<Observatory> {
  const folder = outsideTool('@mdn/mdn-http-observatory', version)
  // Its install script, which we do not run, would download the preload list. An empty one says: not preloaded.
  const preload = join(folder, 'conf/hsts-preload.json')
  if (!existsSync(preload)) writeFileSync(preload, '{}')
  const load = (path: string): Promise<any> => import(pathToFileURL(join(folder, 'src', path)).href)
  const { retrieve } = await load('retriever/retriever.js')
  const { ALL_TESTS } = await load('constants.js')
  const { getScoreModifier, getGradeForScore } = await load('grader/grader.js')
  const { MINIMUM_SCORE_FOR_EXTRA_CREDIT } = await load('grader/charts.js')
  return { retrieve, tests: ALL_TESTS, points: getScoreModifier, grade: getGradeForScore, pointsForBonus: MINIMUM_SCORE_FOR_EXTRA_CREDIT }
}

const { retrieve, tests, points, grade, pointsForBonus } = await loadObservatory()
const service = await startShippedService()
try {
  const { front } = service
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(front.certificatePath, 'utf8')])
  const retrieved = await retrieve('localhost', { httpPort: String(front.httpPort), httpsPort: String(front.port), path: '/' })
  const results = tests.map((test) => test(retrieved))
  const given = results.map(({ result }) => (result === null ? 0 : points(result)))
  const withoutBonus = given.filter((count) => count < 0).reduce((sum, count) => sum + count, 100)
  const all = given.reduce((sum, count) => sum + count, 100)
  const { score, grade: letter } = grade(withoutBonus >= pointsForBonus ? all : withoutBonus)
  const passed = results.filter(({ pass }) => pass).length
  writeResult('observatory', {
    tool: `@mdn/mdn-http-observatory@${version}`,
    grade: letter,
    figures: { score, passed, tests: results.length },
    results: Object.fromEntries(results.map(({ result, pass }, index) => [tests[index]?.name, `${pass ? 'passed' : 'failed'}: ${result} (${given[index]})`])),
  })
  if (score < mostPoints || passed < results.length) process.exitCode = 1
} finally {
  await service.stop()
}
