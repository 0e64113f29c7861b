import { readerOf, type Reader } from '../../flow/reading.ts'
import { edgeKinds } from '../../model/file-model.ts'
import { atCall, atNode } from '../match.ts'
import { defineRule, type PatternMatch } from '../rule.ts'
import { isStatic } from '../static-salt/index.ts'

/** What people write where they mean that something else is to stand there. */
const placeholder = /^(?:.{0,2}|x{3,}|\*+|<.*>|\{\{.*\}\}|\$\{?\w.*|%.*%|(?:your|my|some|insert|enter|replace|todo|example|sample|dummy|fake|mock|test|placeholder|none|null|undefined|redacted).*)$/i
const remote = /[a-z\d-]\.[a-z]/i

export default defineRule({
  id: 'sast/hard-coded-credentials',
  alias: 'SL209',
  title: 'A credential is written in the code',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-798',
  alsoCwe: ['CWE-259', 'CWE-321'],
  fix: 'Read it from the environment or a secret manager, refuse to start without it, and change the one that was written here',
  find: (analysis) => {
    const reader = readerOf(analysis)
    const found = new Map<number, PatternMatch>()
    const note = (node: number | undefined, what: string, ...path: readonly string[]) => {
      const { constants, isOpen } = reader.read(node, ...path)
      const written = constants.find(({ value }) => typeof value === 'string' && value !== '')
      if (!written || found.has(written.node)) return
      const isTest = typeof written.value === 'string' && placeholder.test(written.value)
      if (isTest && !isOpen) return
      found.set(written.node, atNode(reader, written.node, isOpen ? `${what} is written in the code for where nothing else is set` : `${what} is written in the code`, { isSecret: true, ...(isOpen && { severity: 'medium', confidence: 'medium' }) }))
    }
    for (const call of reader.callsTo('jsonwebtoken.sign', 'jsonwebtoken.verify', 'jwt-simple.encode', 'jwt-simple.decode')) if (!isPublicKey(reader, call.args[1])) note(call.args[1], 'The secret by which tokens are signed')
    for (const call of reader.callsTo('express-jwt', 'passport-jwt')) for (const field of ['secret', 'secretOrKey']) note(call.args[0], 'The secret by which tokens are signed', field)
    for (const call of reader.callsTo('crypto.createHmac')) note(call.args[1], 'The key of a message authentication code')
    for (const call of reader.callsTo('express-session', 'cookie-session', 'client-sessions')) {
      for (const path of [['secret'], ['secret', '0'], ['keys', '0']]) note(call.args[0], 'The secret by which sessions are signed', ...path)
    }
    for (const call of reader.callsTo('cookie-parser')) note(call.args[0], 'The secret by which cookies are signed')
    for (const call of reader.callsTo('crypto.createCipheriv', 'crypto.createDecipheriv')) {
      if (reader.read(call.args[1]).constants.length > 0) note(call.args[1], 'The key of an encryption')
      else if (isStatic(reader, call.args[1])) found.set(call.result, atCall(call, 'The key of an encryption is written in the code', { isSecret: true }))
    }
    for (const field of ['password', 'passwd', 'pass', 'clientSecret', 'consumerSecret', 'secretAccessKey', 'apiSecret']) {
      for (const { base, value } of reader.storesOf(field)) {
        if (!reader.isLiteral(base) || !isConnection(reader, base)) continue
        const { constants, isOpen } = reader.read(value)
        const [written] = constants
        if (isOpen || constants.length !== 1 || typeof written?.value !== 'string' || placeholder.test(written.value) || isSelfNamed(written.value) || found.has(written.node)) continue
        found.set(written.node, atNode(reader, written.node, `\`${field}\` is written in the code`, { isSecret: true, ...(isLocal(reader, base) && { severity: 'low', confidence: 'medium' }) }))
      }
    }
    for (const name of ['Authorization', 'authorization']) {
      for (const { value, base } of reader.storesOf(name)) {
        const { constants, isOpen } = reader.read(value)
        const written = constants.find((constant) => typeof constant.value === 'string' && /^(?:Basic|Bearer|token) +[\w+/=.-]{16,}$/i.test(constant.value) && /\d/.test(constant.value))
        if (written && !isOpen && reader.isLiteral(base) && !found.has(written.node)) found.set(written.node, atNode(reader, written.node, 'A credential for an `Authorization` header is written in the code', { isSecret: true }))
      }
    }
    return [...found.values()]
  },
})

const isPublicKey = (reader: Reader, node: number | undefined) => (node !== undefined && reader.origins(node, ({ kind }) => kind === edgeKinds.copy || kind === edgeKinds.load).some((from) => reader.namesOf(from).some((name) => /public|cert/i.test(name)))) || reader.texts(node).some((text) => /BEGIN (?:PUBLIC KEY|CERTIFICATE|RSA PUBLIC)/.test(text))

/** `password: 'password'`, `pass: 'Password'`: a label or the name of a field. */
const isSelfNamed = (text: string) => /^(?:pass(?:word|wd)?|(?:client|consumer|api)?secret|secretaccesskey|text|string|hidden|input)$/i.test(text) || /^[a-z_-]+(?:\.[a-z_-]+)*\.(?:password|pass|secret)$/i.test(text) || /[\s:?!]/.test(text)

/** Something that one logs in to: it also has a user and a place. */
function isConnection(reader: Reader, literal: number): boolean {
  const has = (...names: readonly string[]) => names.some((name) => reader.storesOf(name).some(({ base, value }) => base === literal && !reader.isLiteral(value)))
  return (has('user', 'username', 'userName', 'login') && has('host', 'hostname', 'server', 'database', 'db', 'port', 'connectionString', 'service')) || has('clientID', 'clientId', 'consumerKey', 'accessKeyId', 'apiKey')
}

function isLocal(reader: Reader, literal: number): boolean {
  const hosts = ['host', 'hostname', 'server'].flatMap((name) => reader.texts(literal, name))
  return hosts.length > 0 && hosts.every((host) => !remote.test(host) || /^(?:127\.|localhost)/.test(host))
}
