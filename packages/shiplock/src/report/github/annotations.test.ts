import { describe, expect, test } from 'vitest'
import { hostileTexts } from '../hostile-texts.test-data.ts'
import { refusedRecord, sampleFindings, sampleRecord, sampleRecords, sampleStage, undecidedRecord, withEveryString } from '../sample-records.test-data.ts'
import { renderAnnotations } from './annotations.ts'
import { annotationCommand, withoutCommands } from './workflow-command.ts'

interface Command {
  readonly command: string
  readonly properties: Readonly<Record<string, string>>
  readonly message: string
}

/** Reads a line as GitHub's runner does (actions/runner, `ActionCommand.TryParseV2`). */
function readCommand(line: string): Command | undefined {
  const [, head, message] = /^\s*::(.*?)::(.*)$/s.exec(line) ?? []
  if (head === undefined || message === undefined) return undefined
  const [command = '', ...rest] = head.split(' ')
  const unescapeData = (text: string) => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
  const properties = rest.join(' ').split(',').filter((part) => part !== '').map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1).replaceAll('%3A', ':').replaceAll('%2C', ',')] as const)
  return { command, properties: Object.fromEntries(properties.map(([name, value]) => [name, unescapeData(value)])), message: unescapeData(message) }
}
const commandsOf = (text: string) => text.split('\n').slice(0, -1).map(readCommand)

describe('renderAnnotations', () => {
  test('puts each finding at its place, worst first, with what to do', () => {
    expect(commandsOf(renderAnnotations(refusedRecord).text)).toEqual([
      {
        command: 'error',
        properties: { title: 'critical: tests/failed, keeps the gate shut', file: 'app/src/todo/add-todo.test.ts', line: '18', col: '29' },
        message: 'adding a to-do › refuses a form without a CSRF token\nFix: Make the test pass, or remove it in a commit that says why.\nMore: shiplock explain tests/failed',
      },
      {
        command: 'error',
        properties: { title: 'high: lint/no-floating-promises, keeps the gate shut', file: 'app/src/todo/add-todo.ts', line: '42', endLine: '42', col: '5', endColumn: '15' },
        message: "Promise returned by 'save' is not awaited\nFix: Await the promise, or handle its rejection.\nMore: shiplock explain lint/no-floating-promises",
      },
      { command: 'notice', properties: { title: 'low: lint/no-unused-vars', file: 'app/src/server.ts', line: '7', endLine: '7', col: '9', endColumn: '16' }, message: "'request' is declared but never used\nMore: shiplock explain lint/no-unused-vars" },
    ])
  })

  test('shows what could not look before any finding', () => {
    expect(commandsOf(renderAnnotations(undecidedRecord).text).map((command) => [command?.command, command?.properties['title']])).toEqual([
      ['error', 'Lint failed (tool-missing)'],
      ['error', 'Types was skipped'],
      ['error', 'Tests failed (timed-out)'],
    ])
  })

  test('shows ten of each kind, the worst, and counts the rest', () => {
    const findings = sampleFindings(...(['low', 'medium', 'high', 'critical'] as const).flatMap((severity) => Array.from({ length: 12 }, (_, n) => ({ rule: 'lint/x', message: `${severity} ${n}`, severity }) as const)))
    const { text, left } = renderAnnotations(sampleRecord({ stages: [sampleStage({ id: 'lint', title: 'Lint', outcome: { kind: 'completed', findings } })] }))
    const kinds = Object.groupBy(commandsOf(text), (command) => command?.command ?? '')
    expect(Object.entries(kinds).map(([kind, commands]) => [kind, commands?.length])).toEqual([
      ['error', 10],
      ['warning', 10],
      ['notice', 10],
    ])
    expect(kinds['error']?.every((command) => command?.message.includes('critical'))).toBe(true)
    expect(left).toBe(18)
  })

  test('says nothing of what is waived or in the baseline', () => {
    const findings = sampleFindings({ rule: 'lint/x', message: 'm' }).map((finding) => Object.assign({}, finding, { isBaselined: true }))
    expect(renderAnnotations(sampleRecord({ stages: [sampleStage({ id: 'lint', title: 'Lint', outcome: { kind: 'completed', findings } })] }))).toEqual({ text: '', left: 0 })
  })
})

describe('annotationCommand', () => {
  test('escapes as the runner reads', () => {
    const line = annotationCommand({ level: 'error', title: 'a,b:c%', message: '100%\nof it: a, b', file: 'a,b:c%0A.ts', line: 1 })
    expect(line).toBe('::error title=a%2Cb%3Ac%25,file=a%2Cb%3Ac%250A.ts,line=1::100%25%0Aof it: a, b')
    expect(readCommand(line)).toEqual({ command: 'error', properties: { title: 'a,b:c%', file: 'a,b:c%0A.ts', line: '1' }, message: '100%\nof it: a, b' })
  })

  test('leaves the columns out where the end is on another line', () => {
    expect(annotationCommand({ level: 'warning', title: 't', message: 'm', file: 'f', line: 1, endLine: 2, column: 3, endColumn: 4 })).toBe('::warning title=t,file=f,line=1,endLine=2::m')
  })
})

test.each(hostileTexts)('hostile text ends no property, no command and no line: %j', (hostile) => {
  for (const record of sampleRecords) {
    const attacked = commandsOf(renderAnnotations(withEveryString(record, hostile)).text)
    const harmless = commandsOf(renderAnnotations(withEveryString(record, 'harmless')).text)
    const shape = (commands: typeof attacked) => commands.map((command) => [command?.command, ...Object.keys(command?.properties ?? {})])
    expect(shape(attacked)).toEqual(shape(harmless))
  }
})

test.each(hostileTexts)('text for a person has no command in it: %j', (hostile) => {
  for (const line of withoutCommands(`  ${hostile}\n${hostile}`).split('\n')) {
    expect(line.trimStart()).not.toMatch(/^::/)
    expect(line).not.toContain('##[')
  }
})

test('text that is no command stays as it is', () => {
  expect(withoutCommands('a::b\n  std::string x\n## [x]')).toBe('a::b\n  std::string x\n## [x]')
})
