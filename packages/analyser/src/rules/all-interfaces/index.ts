import { readerOf } from '../../flow/reading.ts'
import { atCall } from '../match.ts'
import { defineRule, type PatternMatch } from '../rule.ts'

const everywhere = (value: unknown) => value === '0.0.0.0' || value === '::' || value === '[::]'

export default defineRule({
  id: 'sast/all-interfaces',
  alias: 'SL215',
  title: 'The service listens on every network',
  severity: 'low',
  confidence: 'medium',
  cwe: 'CWE-1327',
  alsoCwe: ['CWE-605'],
  fix: 'Listen on `127.0.0.1` unless the environment names another address',
  find: (analysis) => {
    const reader = readerOf(analysis)
    return reader.callsTo('server.listen').flatMap((call): PatternMatch[] => {
      const hosts = [reader.read(call.args[1]), reader.read(call.args[0], 'host'), reader.read(call.args[0], 'hostname')]
      // An address that the environment may change is a default for containers, where it has to be so.
      const isFixed = hosts.some(({ constants, isOpen }) => constants.length > 0 && !isOpen && constants.every(({ value }) => everywhere(value)))
      return isFixed ? [atCall(call, 'The address is written in the code: every machine that reaches this one reaches the service')] : []
    })
  },
})
