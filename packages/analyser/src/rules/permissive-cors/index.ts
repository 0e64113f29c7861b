import type { ProgramCall } from '../../flow/program.ts'
import { readerOf, type Reader } from '../../flow/reading.ts'
import { atCall } from '../match.ts'
import { edgeKinds } from '../../model/file-model.ts'
import { defineRule, type PatternMatch } from '../rule.ts'

export default defineRule({
  id: 'sast/permissive-cors',
  alias: 'SL211',
  title: 'Every site may read answers in the name of the user',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-942',
  alsoCwe: ['CWE-346'],
  fix: 'Allow the origins that are written down, and credentials only for these',
  find: (analysis) => {
    const reader = readerOf(analysis)
    const message = 'Any origin is allowed, with credentials: every site that a user visits can act and read in their name'
    return [
      ...[...reader.callsTo('cors').map((call) => [call, 0] as const), ...registered(reader, 'fastify-cors').map((call) => [call, 1] as const)].flatMap(([call, at]): PatternMatch[] => {
        const options = call.args[at]
        if (options === undefined || !isOn(reader, options, 'credentials')) return []
        const isAny = isOn(reader, options, 'origin') || reader.read(options, 'origin').functions.some((fn) => allowsAll(reader, fn)) || reader.texts(options, 'origin').includes('*')
        return isAny ? [atCall(call, message)] : []
      }),
      ...reader.callsTo('response.setHeader').flatMap((call): PatternMatch[] => {
        if (!isHeader(reader, call, 'access-control-allow-origin')) return []
        if (!reflects(reader, call.args[1]) || isDecided(reader, call)) return []
        const hasCredentials = reader.callsTo('response.setHeader').some((other) => other.file === call.file && isHeader(reader, other, 'access-control-allow-credentials') && reader.read(other.args[1]).constants.some(({ value }) => value === 'true' || value === true))
        return hasCredentials ? [atCall(call, 'The origin of the request is allowed as it is, with credentials: every site that a user visits can act and read in their name', { confidence: 'medium' })] : []
      }),
    ]
  },
})

/** Plugins of Fastify are not called but registered. */
export function registered(reader: Reader, api: string): ProgramCall[] {
  return reader.callsTo('fastify.register').filter(({ args }) => args[0] !== undefined && reader.values.shapesOf(args[0]).some((shape) => shape.api === api))
}

const isOn = (reader: Reader, node: number, field: string) => reader.read(node, field).constants.some(({ value }) => value === true)

/** `(origin, callback) => callback(null, true)`, and nothing else that it could say. */
function allowsAll(reader: Reader, index: number): boolean {
  const { program } = reader
  const answers = program.calls.filter(({ within, callee }) => within === index && program.functions[index]!.params.includes(callee))
  return answers.length > 0 && answers.every(({ args }) => reader.isAlways(true, args[1]) || (args[1] !== undefined && args[1] === program.functions[index]!.params[0])) && answers.length === 1 && !program.calls.some(({ within, name }) => within === index && /^(?:includes|has|test|indexOf|some|match)$/.test(name))
}

const isHeader = (reader: Reader, call: ProgramCall, name: string) => reader.texts(call.args[0]).some((text) => text.toLowerCase() === name)

/** A list or a function is asked beforehand. */
const isDecided = (reader: Reader, { within }: ProgramCall) => {
  const around = reader.functionsAround(within)
  return reader.program.calls.some((other) => /^(?:includes|has|test|indexOf|some|find|match|hasOwnProperty)$|allow|origin|match|whitelist/i.test(other.name) && around.includes(reader.program.functions[other.within]!))
}

/** `req.headers.origin`, unless something on the way decides about it. */
const reflects = (reader: Reader, node: number | undefined) => node !== undefined && reader.origins(node, ({ kind }) => kind === edgeKinds.copy || kind === edgeKinds.load).some((from) => reader.namesOf(from).includes('origin') && reader.origins(from, ({ kind }) => kind === edgeKinds.copy || kind === edgeKinds.load).some((object) => reader.values.origins.get(object) === 'request'))
