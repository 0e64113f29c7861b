import { XMLParser } from 'fast-xml-parser'
import type { TestResult, TestRun } from './test-run.ts'

/** Whether a report is XML rather than TAP. */
export const isXml = (text: string): boolean => /^\uFEFF?\s*</.test(text)

/**
 * Reads JUnit XML, of which there is no standard: `testsuite` elements in each other with `testcase` in them, each
 * with a `failure` or `error`, `skipped`, or neither. Undefined where it is not that. A report comes from code that nobody
 * has vetted: document types, and with them entities of its own, are refused.
 */
export function parseJunit(text: string): TestRun | undefined {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) return undefined
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    preserveOrder: true,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    maxNestedTags: 100,
  })
  let nodes: unknown
  try {
    nodes = parser.parse(text, true)
  } catch {
    return undefined
  }
  const elements = childrenOf(nodes)
  if (!elements.some(({ name }) => name === 'testsuites' || name === 'testsuite')) return undefined
  return { results: [...results(elements, [], undefined)], unfinished: [], isWhole: true }
}

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  readonly text: string
}

/** The parser's ordered form: a list of `{ [tag]: children, ':@': attributes }`, text as `{ '#text': … }`. */
function childrenOf(nodes: unknown): Element[] {
  if (!Array.isArray(nodes)) return []
  return nodes.flatMap((node: Readonly<Record<string, unknown>>) => {
    const name = Object.keys(node).find((key) => key !== ':@')
    if (name === undefined || name === '#text') return []
    const attributes = Object.fromEntries(Object.entries(node[':@'] ?? {}).map(([key, value]) => [key, String(value)]))
    return [{ name, attributes, children: childrenOf(node[name]), text: textOf(node[name]) }]
  })
}

const textOf = (nodes: unknown): string =>
  Array.isArray(nodes)
    ? nodes
        .map((node: Readonly<Record<string, unknown>>) =>
          '#text' in node ? String(node['#text']) : '__cdata' in node ? textOf(node['__cdata']) : '',
        )
        .join('')
    : ''

function* results(elements: readonly Element[], suites: readonly string[], file: string | undefined): Generator<TestResult> {
  for (const { name, attributes, children } of elements) {
    const here = attributes['file'] ?? attributes['filepath'] ?? file
    if (name === 'testsuites') yield* results(children, suites, here)
    else if (name === 'testsuite') yield* results(children, attributes['name'] ? [...suites, attributes['name']] : suites, here)
    else if (name === 'testcase') yield result(attributes, children, suites, here)
  }
}

function result(
  attributes: Element['attributes'],
  children: Element['children'],
  suites: readonly string[],
  file: string | undefined,
): TestResult {
  const failures = children.filter(({ name }) => name === 'failure' || name === 'error')
  const isSkipped = children.some(({ name }) => name === 'skipped')
  const [line] = [attributes['line'], attributes['lineno']].map(Number).filter((number) => Number.isInteger(number) && number > 0)
  const around = suites.at(-1) ?? attributes['classname']
  return {
    name: [around, attributes['name']].filter((part) => part !== undefined && part !== '').join(' > '),
    state: failures.length > 0 ? 'failed' : isSkipped ? 'skipped' : 'passed',
    isContainer: false,
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    failures: failures.map((failure) => ({
      message: failure.attributes['message'] ?? failure.text.trim().split('\n')[0] ?? '',
      stack: failure.text,
    })),
  }
}
