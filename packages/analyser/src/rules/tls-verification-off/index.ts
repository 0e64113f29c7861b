import { readerOf, type Reader } from '../../flow/reading.ts'
import { atNode, atStore } from '../match.ts'
import { defineRule, type PatternMatch } from '../rule.ts'

const never = ['rejectUnauthorized', 'strictSSL', 'verifyHost', 'checkCertificate', 'validateCertificate']
const always = ['insecureSkipVerify', 'trustAllCertificates', 'sslInsecure', 'skipCertificateVerification', 'acceptInsecureCerts', 'ignoreHTTPSErrors']

export default defineRule({
  id: 'sast/tls-verification-off',
  alias: 'SL207',
  title: 'Certificates are not checked',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-295',
  alsoCwe: ['CWE-297'],
  fix: 'Leave verification on, and give the certificate of a private authority as `ca`',
  find: (analysis) => {
    const reader = readerOf(analysis)
    return [
      ...never.flatMap((field) => switches(reader, field, false)),
      ...always.flatMap((field) => switches(reader, field, true)),
      ...reader.storesOf('NODE_TLS_REJECT_UNAUTHORIZED').flatMap((store) => {
        const isOff = reader.read(store.value).constants.some(({ value }) => value === '0' || value === 0 || value === false)
        return isOff ? [atStore(store, '`NODE_TLS_REJECT_UNAUTHORIZED` switches off the check of every certificate in the whole process')] : []
      }),
      ...analysis.program.functions.flatMap((fn): PatternMatch[] => {
        if (fn.name !== 'checkServerIdentity') return []
        const isEmpty = reader.read(fn.returns).constants.every(({ value }) => value === null) && [...reader.before(fn.returns)].every(({ from }) => analysis.program.constants.has(from))
        const asks = analysis.program.calls.some(({ within }) => analysis.program.functions[within] === fn)
        return isEmpty && !asks ? [{ file: fn.file, start: fn.start, end: fn.start + 1, message: '`checkServerIdentity` accepts a certificate of any host' }] : []
      }),
    ]
  },
})

function switches(reader: Reader, field: string, off: boolean): PatternMatch[] {
  return reader.storesOf(field).flatMap((store) => {
    if (store.isJsx) return []
    const { constants, isOpen } = reader.read(store.value)
    const found = constants.find(({ value }) => value === off)
    // Both are there: somebody decides it. A default that is not safe is a finding, a choice is not.
    if (!found || constants.some(({ value }) => value === !off)) return []
    // Reported where it is written.
    if (found.node !== store.value && reader.storesOf(field).some((other) => other.value === found.node)) return []
    // `x || false`, where `x` is computed: whoever wrote it meant `x`.
    if (isOpen && reader.origins(store.value).every((node) => reader.namesOf(node).length === 0)) return []
    const message = `\`${field}: ${off}\`: anybody between the two ends can read and change what they say`
    return [found.node === store.value ? atStore(store, message) : isOpen ? atNode(reader, found.node, `${message}, unless somebody sets it`, { confidence: 'medium', severity: 'medium' }) : atStore(store, message)]
  })
}
