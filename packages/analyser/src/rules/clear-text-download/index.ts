import { readerOf } from '../../flow/reading.ts'
import { atCall } from '../match.ts'
import { defineRule, type PatternMatch } from '../rule.ts'

const fetches = ['get', 'request', 'fetch', 'download', 'downloadFile', 'got', 'axios', 'needle', 'head', 'stream', 'exec', 'execSync', 'spawn', 'wget']
/** What is run, installed or unpacked. */
const program = /^(?:(?:curl|wget)\s.*?)?['"]?http:\/\/(?!localhost\b|127\.|0\.0\.0\.0|\[?::1)[^\s'"]+\.(?:exe|msi|dmg|pkg|deb|rpm|apk|appimage|jar|war|whl|sh|ps1|bat|cmd|bin|dll|so|dylib|node|zip|tgz|tar|gz|bz2|xz|7z)(?:[?'"\s#].*)?$/i

export default defineRule({
  id: 'sast/clear-text-download',
  alias: 'SL228',
  title: 'A program is fetched over plain HTTP',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-494',
  alsoCwe: ['CWE-311', 'CWE-319', 'CWE-829'],
  fix: 'Fetch it over HTTPS, and compare its SHA-256 with the one that is written down',
  find: (analysis) => {
    // Most programs name no such address: then nothing need be read.
    if (![...analysis.program.constants.values()].some((value) => typeof value === 'string' && program.test(value))) return []
    const reader = readerOf(analysis)
    return reader.callsNamed(...fetches).flatMap((call): PatternMatch[] => {
      const addresses = [...reader.texts(call.args[0]), ...['url', 'uri', 'href'].flatMap((field) => reader.texts(call.args[0], field)), ...['0', '1', '2'].flatMap((at) => reader.texts(call.args[1], at))]
      return addresses.some((text) => program.test(text)) ? [atCall(call, 'Whoever is on the way can put another program in its place')] : []
    })
  },
})
