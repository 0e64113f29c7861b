import type { ProgramCall } from '../../flow/program.ts'
import { readerOf, type Reader } from '../../flow/reading.ts'
import { atCall, atStore } from '../match.ts'
import { registered } from '../permissive-cors/index.ts'
import { edgeKinds } from '../../model/file-model.ts'
import { defineRule, type PatternMatch } from '../rule.ts'

const changing = ['post', 'put', 'patch', 'delete', 'del']
const guards = /csrf|xsrf|lusca/i

export default defineRule({
  id: 'sast/csrf-protection',
  alias: 'SL214',
  title: 'Requests of other sites are not told apart',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-352',
  fix: "Set `sameSite: 'lax'` on the session's cookie and check a CSRF token, or the `Origin` header, before every route that changes something",
  find: (analysis) => {
    const reader = readerOf(analysis)
    return [...sessions(reader), ...unguardedRoutes(reader), ...switchedOff(reader)]
  },
})

/** A session in a cookie, routes that change something, and nothing in the whole program that tells whose requests they are. */
function sessions(reader: Reader): PatternMatch[] {
  const { program } = reader
  const isGuarded = program.externals.some(({ specifier }) => guards.test(specifier)) || program.functions.some(({ name }) => guards.test(name)) || program.calls.some(({ name }) => guards.test(name)) || reader.callsTo('csrf', 'lusca').length > 0
  if (isGuarded) return []
  const routes = reader.callsTo(...changing.map((verb) => `express.${verb}`)).filter((call) => isRoute(reader, call))
  const [route] = routes
  if (!route) return []
  const { path } = program.files[route.file]!
  const readsCookies = [...reader.values.origins].some(([node, source]) => source === 'request' && reader.namesOf(node).some((name) => name === 'cookies' || name === 'signedCookies'))
  const isStrict = reader.storesOf('sameSite').some(({ value }) => reader.texts(value).some((text) => /^(?:lax|strict)$/i.test(text)))
  const kept = [...reader.callsTo('express-session', 'cookie-session', 'client-sessions', 'koa-session').map((call) => [call, 0] as const), ...registered(reader, 'fastify-session').map((call) => [call, 1] as const)]
  if (kept.length === 0 && readsCookies && !isStrict) kept.push(...reader.callsTo('cookie-parser').map((call) => [call, 1] as const))
  return kept.flatMap(([call, at]) => {
    const options = call.args[at]
    const sameSite = options === undefined ? [] : [...reader.read(options, 'cookie', 'sameSite').constants, ...reader.read(options, 'sameSite').constants].map(({ value }) => value)
    if (sameSite.some((value) => value === true || value === 'lax' || value === 'strict')) return []
    const count = routes.length === 1 ? 'a route that changes something' : `${routes.length} routes that change something`
    return [atCall(call, `Cookies say who a user is, and nothing checks that requests come from the service's own pages: ${count}, the first in ${path}`)]
  })
}

/** Some routes are guarded, by name, and others of the same router that change something are not. */
function unguardedRoutes(reader: Reader): PatternMatch[] {
  const routes = reader.callsNamed('get', 'all', 'use', ...changing).filter((call) => call.receiver >= 0)
  const isGuarded = (call: ProgramCall) => call.args.some((node) => reader.origins(node, ({ kind }) => kind !== edgeKinds.store && kind !== edgeKinds.key).slice(0, 8).some((from) => reader.namesOf(from).some((name) => guards.test(name))))
  const byRouter = Map.groupBy(routes, ({ receiver }) => receiver)
  return [...byRouter.values()].flatMap((calls) => {
    const guarded = calls.filter((call) => call.args.length > 1 && isRoute(reader, call) && isGuarded(call))
    if (guarded.length === 0 || calls.some((call) => call.name === 'use' && isGuarded(call))) return []
    return calls.filter((call) => changing.includes(call.name) && isRoute(reader, call) && !isGuarded(call)).map((call) => atCall(call, 'Other routes of this router check a CSRF token, this one changes something and does not'))
  })
}

function switchedOff(reader: Reader): PatternMatch[] {
  return ['csrf', 'csrfProtection', 'enableCsrf', 'checkOrigin'].flatMap((field) =>
    reader.storesOf(field).flatMap((store) => (reader.isLiteral(store.base) && !store.isJsx && reader.program.constants.get(store.value) === false && (field !== 'checkOrigin' || isBelow(reader, store.base, 'csrf')) ? [atStore(store, `\`${field}: false\` switches off the protection against requests of other sites`)] : [])),
  )
}

const isBelow = (reader: Reader, literal: number, field: string) => reader.storesOf(field).some(({ value }) => value === literal)

const isRoute = (reader: Reader, { args }: ProgramCall) => args.length > 1 && reader.texts(args[0]).some((path) => path.startsWith('/') || path === '*')
