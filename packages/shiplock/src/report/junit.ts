import { XMLBuilder } from 'fast-xml-parser'
import { count, type FlowStep, type RunRecord } from '@shiplock/findings'
import { checkResults, type CheckResult } from './check-results.ts'
import { codeFrame } from './code-frame.ts'
import { visible, visibleLines } from './escape.ts'
import { acceptanceOf } from './acceptance.ts'
import { foldFlow, hasWay, placeOfStep } from './flow.ts'
import { formatLocation, isAccepted, whatIsExplained, type ReportedFinding } from './reported-findings.ts'

/** What Jenkins, GitLab and the others read: the elements and attributes that all of them know. */
interface TestCase {
  readonly '@name': string
  readonly '@classname': string
  readonly '@time': string
  readonly failure?: Verdict
  readonly error?: Verdict
  readonly skipped?: Verdict
}

interface Verdict {
  readonly '@message': string
  readonly '@type': string
  readonly '#text': string
}

/**
 * JUnit XML: a suite a check, a failed test a finding. A check that found nothing is a test that passed; one that could not
 * look is an error, or skipped where the policy lets it be.
 */
export function renderJUnit(record: RunRecord): string {
  const suites = checkResults(record).map(suiteOf)
  const sum = (name: '@tests' | '@failures' | '@errors') => suites.reduce((total, suite) => total + suite[name], 0)
  const document = {
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: { '@name': 'shiplock', '@tests': sum('@tests'), '@failures': sum('@failures'), '@errors': sum('@errors'), '@time': seconds(record.durationMs), testsuite: suites },
  }
  const xml = `${builder.build(document).trimEnd()}\n`
  // On a standard output that GitHub's runner reads, no line of it is a command.
  return xml.replace(/^([^\S\n]*)::/gm, '$1&#58;:').replaceAll('##[', '&#35;#[')
}

const builder = new XMLBuilder({ attributeNamePrefix: '@', ignoreAttributes: false, format: true, indentBy: '  ', suppressBooleanAttributes: false })

function suiteOf(check: CheckResult) {
  const { id, title, findings, trouble, durationMs } = check
  const whole: TestCase = { '@name': xmlLine(title), '@classname': xmlLine(id), '@time': seconds(durationMs), ...(trouble && troubleOf(check)) }
  const cases = [...(trouble || findings.length === 0 ? [whole] : []), ...findings.map(caseOf)]
  const having = (kind: 'failure' | 'error' | 'skipped') => cases.filter((testCase) => testCase[kind]).length
  return {
    '@name': xmlLine(id),
    '@tests': cases.length,
    '@failures': having('failure'),
    '@errors': having('error'),
    '@skipped': having('skipped'),
    '@time': seconds(durationMs),
    testcase: cases,
  }
}

function troubleOf({ trouble }: CheckResult): Pick<TestCase, 'error' | 'skipped'> {
  if (!trouble) return {}
  const verdict: Verdict = { '@message': xmlLine(trouble.text), '@type': trouble.reason, '#text': xmlLines(trouble.text) }
  return trouble.isOptional ? { skipped: verdict } : { error: verdict }
}

function caseOf(reported: ReportedFinding): TestCase {
  const { finding, place } = reported
  const { rule, severity, message, location, fix, detail, flow } = finding
  const where = location ? formatLocation(location) : place
  const code = codeFrame(finding)?.lines.map(({ number, text }) => `${number === undefined ? '' : `${number} | `}${text}`) ?? []
  const way = hasWay(flow) ? ['', 'The way of the data:', ...flowTexts(flow)] : []
  const text = [where, '', message, ...(code.length > 0 ? ['', ...code] : []), ...way, ...(fix ? ['', `Fix: ${fix}`] : []), ...(detail ? ['', detail] : []), '', `${whatIsExplained(rule)}: shiplock explain ${rule}`]
  return {
    '@name': xmlLine(`${where}: ${message}`),
    '@classname': xmlLine(rule),
    '@time': '0.000',
    ...(isAccepted(reported)
      ? { skipped: { '@message': xmlLine(acceptanceOf(reported.finding) ?? ''), '@type': severity, '#text': text.map(xmlLines).join('\n') } }
      : { failure: { '@message': xmlLine(message), '@type': severity, '#text': text.map(xmlLines).join('\n') } }),
  }
}

function flowTexts(flow: readonly FlowStep[]): string[] {
  const { first, hidden, last } = foldFlow(flow, 50)
  const text = (step: FlowStep) => `${placeOfStep(step)}  ${step.code}`
  return [...first.map(text), ...(hidden > 0 ? [`… ${count(hidden, 'more step')}`] : []), ...last.map(text)]
}

/** Made visible, so that no control is left; of what XML cannot hold that leaves the two noncharacters. */
const xmlLines = (text: string) => visibleLines(text).join('\n').replace(/[\ufffe\uffff]/g, noncharacter)
const xmlLine = (text: string) => visible(text).replace(/[\ufffe\uffff]/g, noncharacter)
const noncharacter = (character: string) => `\\u{${character.charCodeAt(0).toString(16)}}`

const seconds = (durationMs: number) => (Math.max(0, durationMs) / 1000).toFixed(3)
