import type { ProgramCall } from '../../flow/program.ts'
import { readerOf, type Reader } from '../../flow/reading.ts'
import { atCall } from '../match.ts'
import { defineRule, type PatternMatch } from '../rule.ts'
import { wordsOf } from '../words.ts'

const ofAccess = new Set(['token', 'session', 'sess', 'sid', 'auth', 'jwt', 'login', 'user', 'password', 'remember', 'credential', 'credentials', 'refresh', 'access', 'connect'])

export default defineRule({
  id: 'sast/insecure-cookie',
  alias: 'SL210',
  title: 'A cookie that grants access is not protected',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-614',
  alsoCwe: ['CWE-1004', 'CWE-1275'],
  fix: "Set `httpOnly: true`, `secure: true` and `sameSite: 'lax'` (or `'strict'`)",
  find: (analysis) => {
    const reader = readerOf(analysis)
    const message = (flaws: readonly string[], name: string) => `The cookie${name && ` \`${name}\``} ${flaws.join(', and ')}`
    return [
      ...reader.callsTo('response.cookie', 'koa.cookies.set').flatMap((call): PatternMatch[] => {
        const [name = ''] = reader.texts(call.args[0])
        const words = wordsOf(name)
        if (name === '' || words.some((word) => word === 'csrf' || word === 'xsrf') || !words.some((word) => ofAccess.has(word)) || isCleared(reader, call)) return []
        const isKoa = reader.apisOf(call).includes('koa.cookies.set')
        const flaws = flawsOf(reader, call.args[2], { httpOnly: isKoa, secure: isKoa })
        return flaws.length === 0 ? [] : [atCall(call, message(flaws, name))]
      }),
      ...reader.callsTo('express-session', 'fastify-session').flatMap((call): PatternMatch[] => {
        const at = call.args[reader.apisOf(call).includes('express-session') ? 0 : 1]
        const flaws = flawsOf(reader, at, { httpOnly: true, secure: false }, 'cookie')
        return flaws.length === 0 ? [] : [atCall(call, message(flaws, ''))]
      }),
      ...reader.callsTo('cookie-session').flatMap((call): PatternMatch[] => {
        const flaws = flawsOf(reader, call.args[0], { httpOnly: true, secure: false })
        return flaws.length === 0 ? [] : [atCall(call, message(flaws, ''))]
      }),
    ]
  },
})

/** What is missing or switched off; `defaults` is what holds where nothing is said. */
function flawsOf(reader: Reader, options: number | undefined, defaults: { readonly httpOnly: boolean; readonly secure: boolean }, ...below: readonly string[]): string[] {
  const lacks = (field: string) => options === undefined || reader.isLacking(options, ...below, field)
  const isOff = (field: 'httpOnly' | 'secure') => (options !== undefined && reader.isAlways(false, options, ...below, field)) || (!defaults[field] && lacks(field))
  const crossSite = options !== undefined && reader.texts(options, ...below, 'sameSite').some((value) => /^none$/i.test(value)) && lacks('secure')
  return [
    ...(isOff('httpOnly') ? ['can be read by scripts (`httpOnly`)'] : []),
    ...(isOff('secure') ? ['is sent over plain HTTP (`secure`)'] : []),
    ...(crossSite ? ['is sent with requests of other sites (`sameSite`)'] : []),
  ]
}

const isCleared = (reader: Reader, call: ProgramCall) => (call.args[1] !== undefined && (reader.program.constants.get(call.args[1]) === '' || reader.program.constants.get(call.args[1]) === null)) || reader.numbers(call.args[2], 'maxAge').some((age) => age <= 0)
