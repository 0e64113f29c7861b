import type { Analysis } from '../../analyse.ts'
import { defineRule, type PatternMatch } from '../rule.ts'

export default defineRule({
  id: 'sast/secret-exposure',
  alias: 'SL124',
  title: 'A secret is logged or stored as it is',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-532',
  alsoCwe: ['CWE-312', 'CWE-200', 'CWE-359'],
  fix: 'Leave it out, or mask it',
  flows: { kinds: ['secret'], origins: ['secret'] },
  sink: 'a log or a store that others read',
  weigh: ({ name }) => (name === 'setItem' ? { severity: 'low', confidence: 'low' } : {}),
  find: wholeEnvironment,
})

const tells = new Set(['stringify', 'log', 'info', 'debug', 'dir', 'send', 'json', 'inspect'])

/** `JSON.stringify(process.env)`: whatever secrets there are, they are among them. */
function wholeEnvironment({ program, values }: Analysis): PatternMatch[] {
  return program.calls.flatMap((call) => (tells.has(call.name) && call.args.some((argument) => values.shapesOf(argument).some(({ source, members }) => source === 'environment' && members)) ? [{ file: call.file, start: call.at, end: call.end, message: 'All environment variables are written out as they are, with the secrets among them' }] : []))
}
