import { readerOf, type Reader } from '../../flow/reading.ts'
import { atCall } from '../match.ts'
import { edgeKinds } from '../../model/file-model.ts'
import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/environment-leak',
  alias: 'SL223',
  title: 'The whole environment is given away',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-526',
  alsoCwe: ['CWE-200', 'CWE-312', 'CWE-315', 'CWE-359', 'CWE-532'],
  fix: 'Name the variables that are meant, one by one',
  find: (analysis) => {
    const reader = readerOf(analysis)
    return [
      ...reader.callsTo('JSON.stringify').flatMap((call) => (holdsEnvironment(reader, call.args[0]) ? [atCall(call, 'All variables of the environment become text here, tokens and passwords with them')] : [])),
      ...reader.callsTo('webpack.DefinePlugin').flatMap((call) => (holdsEnvironment(reader, call.args[0], 'process.env') ? [atCall(call, 'All variables of the environment become part of the bundle, tokens and passwords with them')] : [])),
      ...reader.callsTo('webpack.EnvironmentPlugin').flatMap((call) => (call.args[0] !== undefined && reader.origins(call.args[0]).some((node) => isEnvironment(reader, node)) ? [atCall(call, 'All variables of the environment become part of the bundle, tokens and passwords with them')] : [])),
      ...reader.callsNamed('log', 'info', 'debug', 'warn', 'error').flatMap((call) => (call.args.some((node) => holdsEnvironment(reader, node)) ? [atCall(call, 'All variables of the environment are written to the log')] : [])),
      ...reader.callsTo('response.json', 'response.send').flatMap((call) => (holdsEnvironment(reader, call.args[0]) ? [atCall(call, 'All variables of the environment are sent to the client')] : [])),
    ]
  },
})

const isEnvironment = (reader: Reader, node: number) => reader.values.shapesOf(node).some(({ api }) => api === 'process.environment')

/** It is `process.env`, or an object that all of it was copied into. */
function holdsEnvironment(reader: Reader, node: number | undefined, field?: string): boolean {
  if (node === undefined) return false
  const from = reader.origins(node, ({ kind, data }) => kind === edgeKinds.copy || kind === edgeKinds.spread || kind === edgeKinds.filter || kind === edgeKinds.guard || (kind === edgeKinds.store && field !== undefined && reader.program.fields[data] === field))
  return from.some((origin) => isEnvironment(reader, origin))
}
