import { readerOf } from '../../flow/reading.ts'
import { atStore } from '../match.ts'
import { defineRule } from '../rule.ts'

const broken = /^(?:TLSv1(?:\.1)?|SSLv[23])(?:_(?:client_|server_)?method)?$/

export default defineRule({
  id: 'sast/weak-tls-version',
  alias: 'SL208',
  title: 'A TLS version that is broken',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-326',
  alsoCwe: ['CWE-327'],
  fix: "Leave `minVersion` at Node's default, TLS 1.2, or raise it",
  find: (analysis) => {
    const reader = readerOf(analysis)
    return ['minVersion', 'maxVersion', 'secureProtocol', 'minTlsVersion'].flatMap((field) =>
      reader.storesOf(field).flatMap((store) => {
        const version = reader.texts(store.value).find((text) => broken.test(text))
        return version === undefined ? [] : [atStore(store, `\`${field}\` allows ${version.replace(/_.*/, '')}, which is broken`)]
      }),
    )
  },
})
