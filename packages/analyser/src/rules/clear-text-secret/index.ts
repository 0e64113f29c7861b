import { readerOf, type Reader } from '../../flow/reading.ts'
import { atCall } from '../match.ts'
import { edgeKinds } from '../../model/file-model.ts'
import { defineRule, type PatternMatch } from '../rule.ts'
import { isPasswordName, isSecretName } from '../words.ts'

export default defineRule({
  id: 'sast/clear-text-secret',
  alias: 'SL226',
  title: 'A secret is written down as it is',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-312',
  alsoCwe: ['CWE-315', 'CWE-256', 'CWE-359', 'CWE-200'],
  fix: 'Keep sessions in `httpOnly` cookies, and passwords nowhere but as a hash',
  find: (analysis) => {
    const reader = readerOf(analysis)
    const secretOf = (node: number) => partsOf(reader, node).flatMap((part) => (reader.callOf(part) ? [] : reader.namesOf(part))).find(isSecretName)
    return [
      ...reader.callsTo('fs.writeFile', 'fs.writeFileSync', 'fs.appendFile', 'fs.appendFileSync').flatMap((call): PatternMatch[] => {
        const secret = secretOf(call.args[1] ?? -1)
        return secret === undefined ? [] : [atCall(call, `\`${secret}\` is written to a file as it is`, { confidence: 'low' })]
      }),
      ...reader.callsTo('response.cookie', 'koa.cookies.set').flatMap((call): PatternMatch[] => {
        const name = [...reader.texts(call.args[0]), ...(secretOf(call.args[1] ?? -1) ?? '').split(' ')].find(isPasswordName)
        return name === undefined || reader.isAlways('', call.args[1]) ? [] : [atCall(call, `\`${name}\` is kept in a cookie, as it is`)]
      }),
    ]
  },
})

/** A value, and the parts of a text that it is put together from, but not what a function made of them. */
const partsOf = (reader: Reader, node: number) => (node < 0 ? [] : reader.origins(node, ({ from, kind }) => (kind === edgeKinds.derive || kind === edgeKinds.filter || kind === edgeKinds.guard) && !reader.callOf(from)).slice(0, 16))
