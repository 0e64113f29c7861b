import type { ProgramCall } from '../../flow/program.ts'
import { readerOf, type Reader } from '../../flow/reading.ts'
import { atCall } from '../match.ts'
import { registered } from '../permissive-cors/index.ts'
import { defineRule, type PatternMatch } from '../rule.ts'

const megabyte = 1_048_576
const most = 20 * megabyte

export default defineRule({
  id: 'sast/insecure-server-option',
  alias: 'SL219',
  title: 'A server option that trusts too much',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-1188',
  alsoCwe: ['CWE-348', 'CWE-489', 'CWE-548', 'CWE-770', 'CWE-200'],
  fix: 'Trust as many proxies as there are, limit what a request may send, and keep what is for development out of production',
  find: (analysis) => {
    const reader = readerOf(analysis)
    return [...proxies(reader), ...development(reader), ...limits(reader), ...served(reader)]
  },
})

function proxies(reader: Reader): PatternMatch[] {
  const message = 'Every client may then name its own address in `X-Forwarded-For`, past rate limits and address lists'
  return [
    ...reader.callsTo('express.set').flatMap((call) => (reader.texts(call.args[0]).includes('trust proxy') && reader.isAlways(true, call.args[1]) ? [atCall(call, message)] : [])),
    ...reader.callsTo('express.enable').flatMap((call) => (reader.texts(call.args[0]).includes('trust proxy') ? [atCall(call, message)] : [])),
    ...reader.callsTo('fastify').flatMap((call) => (call.args[0] !== undefined && reader.isAlways(true, call.args[0], 'trustProxy') ? [atCall(call, message)] : [])),
  ]
}

function development(reader: Reader): PatternMatch[] {
  const isOn = (node: number | undefined, field: string) => node !== undefined && reader.isAlways(true, node, field) && !reader.read(node, field).isOpen
  return [
    ...reader.callsTo('apollo').flatMap((call) => [...(isOn(call.args[0], 'introspection') ? [atCall(call, 'The whole schema is shown to everybody, in production too: `introspection`')] : []), ...(isOn(call.args[0], 'debug') ? [atCall(call, 'Stack traces are sent to clients: `debug`')] : [])]),
    ...reader.callsTo('graphql-http').flatMap((call) => (isOn(call.args[0], 'graphiql') ? [atCall(call, 'The explorer is served to everybody, in production too: `graphiql`')] : [])),
    ...registered(reader, 'mercurius').flatMap((call) => (isOn(call.args[1], 'graphiql') ? [atCall(call, 'The explorer is served to everybody, in production too: `graphiql`')] : [])),
    ...reader.callsTo('errorhandler').flatMap((call) => (reader.asksAbout(call, /^(?:NODE_ENV|env|isDev|isProduction|production|development|dev)$/) ? [] : [atCall(call, '`errorhandler` sends stack traces to clients')])),
  ]
}

function limits(reader: Reader): PatternMatch[] {
  const large = (call: ProgramCall, field: string) => reader.read(call.args[0], field).constants.some(({ value }) => sizeOf(value) > most)
  return [
    ...reader.callsTo('express.json', 'express.urlencoded', 'express.text', 'express.raw').flatMap((call) => (call.args[0] !== undefined && large(call, 'limit') ? [atCall(call, 'Bodies of requests may be so large that a few of them fill the memory')] : [])),
    ...reader.callsTo('fastify').flatMap((call) => (call.args[0] !== undefined && large(call, 'bodyLimit') ? [atCall(call, 'Bodies of requests may be so large that a few of them fill the memory')] : [])),
  ]
}

function served(reader: Reader): PatternMatch[] {
  return [
    ...reader.callsTo('serve-index').map((call) => atCall(call, 'Everybody can see which files are in the directory')),
    ...reader.callsTo('express.static').flatMap((call) => (reader.isAlways('allow', call.args[1], 'dotfiles') ? [atCall(call, 'Files such as `.env` and `.git` are served as well: `dotfiles`')] : [])),
  ]
}

/** `'50mb'` and numbers, in bytes; -1 for anything else. */
function sizeOf(value: unknown): number {
  if (typeof value === 'number') return value
  const match = typeof value === 'string' ? /^(\d{1,9}(?:\.\d{1,3})?) ?(kb|mb|gb|b)?$/i.exec(value) : null
  return match ? Number(match[1]) * ({ kb: 1024, mb: megabyte, gb: 1024 * megabyte }[match[2]?.toLowerCase() ?? ''] ?? 1) : -1
}
