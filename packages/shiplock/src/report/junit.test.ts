import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { describe, expect, test } from 'vitest'
import { hostileTexts } from './hostile-texts.test-data.ts'
import { renderJUnit } from './junit.ts'
import { provisionalRecord, refusedRecord, sampleFindings, sampleRecord, sampleRecords, sampleStage, undecidedRecord, withEveryString } from './sample-records.test-data.ts'

type Element = readonly Readonly<Record<string, unknown>>[]

/** What the schemas of Jenkins' xUnit plugin and of Maven Surefire have in common: children, and attributes with their form. */
const grammar: Readonly<Record<string, { readonly children: readonly string[]; readonly attributes: Readonly<Record<string, RegExp>>; readonly optional?: readonly string[] }>> = {
  testsuites: { children: ['testsuite'], attributes: { name: /./, tests: /^\d+$/, failures: /^\d+$/, errors: /^\d+$/, time: /^\d+\.\d{3}$/ } },
  testsuite: { children: ['testcase'], attributes: { name: /./, tests: /^\d+$/, failures: /^\d+$/, errors: /^\d+$/, skipped: /^\d+$/, time: /^\d+\.\d{3}$/ } },
  testcase: { children: ['failure', 'error', 'skipped'], attributes: { name: /./, classname: /./, time: /^\d+\.\d{3}$/ } },
  failure: { children: ['#text'], attributes: { message: /^/, type: /./ } },
  error: { children: ['#text'], attributes: { message: /^/, type: /./ } },
  skipped: { children: ['#text'], attributes: { message: /^/, type: /./ } },
}

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', preserveOrder: true, trimValues: false, parseTagValue: false, parseAttributeValue: false })

interface Node {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Node[]
}

function nodesOf(element: Element): Node[] {
  return element.flatMap((item) => {
    const name = Object.keys(item).find((key) => key !== ':@') ?? ''
    if (name.startsWith('?') || (name === '#text' && String(item[name]).trim() === '')) return []
    const inner = item[name]
    return [{ name, attributes: (item[':@'] ?? {}) as Node['attributes'], children: Array.isArray(inner) ? nodesOf(inner) : [] }]
  })
}

/** What a document breaks of the grammar; throws where it is no XML. */
function breaches(xml: string): string[] {
  const verdict = XMLValidator.validate(xml)
  if (verdict !== true) return [JSON.stringify(verdict.err)]
  // The characters of XML 1.0, §2.2: the validator does not look at them.
  const control = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.exec(xml)
  if (control) return [`the character ${JSON.stringify(control[0])}`]
  const [root, ...others] = nodesOf(parser.parse(xml))
  return [...(root?.name === 'testsuites' && others.length === 0 ? [] : ['not one testsuites']), ...(root ? breachesOf(root) : [])]
}

function breachesOf({ name, attributes, children }: Node): string[] {
  const rule = grammar[name]
  if (!rule) return name === '#text' ? [] : [`<${name}>`]
  return [
    ...children.filter((child) => !rule.children.includes(child.name)).map((child) => `<${name}><${child.name}>`),
    ...Object.keys(attributes).filter((attribute) => !(attribute in rule.attributes)).map((attribute) => `${name} ${attribute}`),
    ...Object.entries(rule.attributes).flatMap(([attribute, form]) => (form.test(attributes[attribute] ?? '') ? [] : [`${name} ${attribute}=${attributes[attribute]}`])),
    ...children.flatMap(breachesOf),
  ]
}

const suites = (xml: string) => nodesOf(parser.parse(xml))[0]?.children ?? []
const outline = (xml: string) => suites(xml).map(({ attributes, children }) => [attributes['name'], ...children.map(({ attributes: { name }, children: [verdict] }) => `${verdict?.name ?? 'passed'}: ${name}`)])

describe('renderJUnit', () => {
  test.each(sampleRecords.map((record, index) => [index, record] as const))('sample record %i is JUnit XML, and its counts are right', (_index, record) => {
    const xml = renderJUnit(record)
    expect(breaches(xml)).toEqual([])
    for (const { attributes, children } of suites(xml)) {
      const having = (name: string) => String(children.filter((testCase) => testCase.children[0]?.name === name).length)
      expect(attributes).toMatchObject({ tests: String(children.length), failures: having('failure'), errors: having('error'), skipped: having('skipped') })
    }
  })

  test('is a suite a check and a failure a finding; a check that found nothing passed', () => {
    expect(outline(renderJUnit(refusedRecord))).toEqual([
      ['lint', "failure: app/src/todo/add-todo.ts:42:5: Promise returned by 'save' is not awaited", "failure: app/src/server.ts:7:9: 'request' is declared but never used"],
      ['types', 'passed: Types'],
      ['tests', 'failure: app/src/todo/add-todo.test.ts:18:29: adding a to-do › refuses a form without a CSRF token'],
    ])
    expect(outline(renderJUnit(provisionalRecord)).flat()).toEqual(['lint', 'passed: Lint', 'types', 'passed: Types', 'tests', 'passed: Tests'])
  })

  test('a check that failed or was skipped is an error, and skipped only where the policy lets it be', () => {
    expect(outline(renderJUnit(undecidedRecord))).toEqual([
      ['lint', 'error: Lint'],
      ['types', 'error: Types'],
      ['tests', 'error: Tests'],
    ])
    const gates = [{ check: 'lint', decision: 'pass', blocking: [], total: 0 } as const]
    expect(outline(renderJUnit(sampleRecord({ stages: [sampleStage({ id: 'lint', title: 'Lint', outcome: { kind: 'skipped', reason: 'no sources' } })], verdict: { gates } })))).toEqual([['lint', 'skipped: Lint']])
  })

  test('a stage that is no check and failed is there too', () => {
    const image = sampleStage({ id: 'image', title: 'Image', subject: 'image', status: 'failed', failure: { reason: 'no-space', message: 'the disk is full' } })
    expect(outline(renderJUnit(sampleRecord({ stages: [image] })))).toEqual([['image', 'error: Image']])
  })

  test('says in the text where, what, the code, and what to do', () => {
    const xml = renderJUnit(refusedRecord)
    expect(xml).toContain(
      `<failure message="Promise returned by &apos;save&apos; is not awaited" type="high">app/src/todo/add-todo.ts:42:5

Promise returned by &apos;save&apos; is not awaited

42 |     save(todo)

Fix: Await the promise, or handle its rejection.

Why, and how to waive it: shiplock explain lint/no-floating-promises</failure>`,
    )
  })

  test('a waived finding is skipped, with who answers for it', () => {
    const findings = sampleFindings({ rule: 'lint/x', message: 'm' }).map((finding) => Object.assign({}, finding, { waiver: { kind: 'file', reason: 'fixture', owner: 'ada', expires: '2027-01-31', location: { path: 'w.yaml' } } }))
    const xml = renderJUnit(sampleRecord({ stages: [sampleStage({ id: 'lint', title: 'Lint', outcome: { kind: 'completed', findings } })] }))
    expect(xml).toContain('<skipped message="waived until 2027-01-31 by ada: fixture (w.yaml)"')
    expect(xml).toContain('failures="0"')
  })
})

test.each(hostileTexts)('hostile text stays text and no line is a command: %j', (hostile) => {
  for (const record of sampleRecords) {
    const xml = renderJUnit(withEveryString(record, hostile))
    expect(breaches(xml)).toEqual([])
    expect(outline(xml).map((suite) => suite.length)).toEqual(outline(renderJUnit(withEveryString(record, 'harmless'))).map((suite) => suite.length))
    expect(xml).not.toMatch(/^\s*::|##\[/m)
  }
})
