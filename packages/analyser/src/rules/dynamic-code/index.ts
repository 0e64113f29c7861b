import { readerOf, type Reader } from '../../flow/reading.ts'
import { atCall } from '../match.ts'
import { defineRule, type PatternMatch } from '../rule.ts'
import { isFixedText } from '../shell-command/fixed.ts'

export default defineRule({
  id: 'sast/dynamic-code',
  alias: 'SL220',
  title: 'Text is run as code',
  severity: 'medium',
  confidence: 'low',
  cwe: 'CWE-95',
  alsoCwe: ['CWE-94', 'CWE-265'],
  fix: 'Hand over a function; parse data with `JSON.parse`; run what is not trusted in a process or machine of its own',
  find: (analysis) => {
    const reader = readerOf(analysis)
    const reported = new Set(analysis.flows.filter(({ sink }) => sink.kind === 'code').map(({ sink }) => sink.call))
    const isNew = (call: Parameters<typeof atCall>[0]) => !reported.has(reader.indexOf(call))
    return [
      ...reader.callsTo('eval', 'Function').flatMap((call): PatternMatch[] => {
        const code = call.args.at(-1)
        return code === undefined || !isNew(call) || call.args.every((node) => isFixedText(reader, node)) ? [] : [atCall(call, `\`${call.name || 'eval'}\` runs text that is put together while the program runs`)]
      }),
      ...reader.callsTo('setTimeout').flatMap((call) => (isText(reader, call.args[0]) ? [atCall(call, `\`${call.name}\` with text evaluates it`, { severity: 'low', confidence: 'high' })] : [])),
      ...reader.callsTo('vm.run').flatMap((call) => (isNew(call) && !isFixedText(reader, call.args[0]) ? [atCall(call, '`vm` is no sandbox: code that runs in it can reach the process')] : [])),
      ...reader.callsTo('vm2').map((call) => atCall(call, '`vm2` is given up by its makers, and code that runs in it can escape', { severity: 'high', confidence: 'high' })),
    ]
  },
})

/** Text, and nothing else that it could be. */
function isText(reader: Reader, node: number | undefined): boolean {
  const { constants, functions, isOpen } = reader.read(node)
  return functions.length === 0 && !isOpen && constants.some(({ value }) => typeof value === 'string')
}
