import { readerOf, type Reader } from '../../flow/reading.ts'
import { atCall, atStore } from '../match.ts'
import { defineRule, type PatternMatch } from '../rule.ts'

const launches = ['exec', 'execSync', 'spawn', 'spawnSync', 'execFile', 'execFileSync'].map((name) => `child_process.${name}`)

export default defineRule({
  id: 'sast/privileged-container',
  alias: 'SL227',
  title: 'A container that is started with all powers',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-250',
  alsoCwe: ['CWE-269'],
  fix: 'Add the single capabilities that it needs, and keep the socket of the container engine out of it',
  find: (analysis) => {
    const reader = readerOf(analysis)
    return [
      ...['Privileged', 'privileged'].flatMap((field) => reader.storesOf(field).flatMap((store) => (reader.isLiteral(store.base) && reader.isAlways(true, store.value) && !reader.read(store.value).isOpen && (field === 'Privileged' || isSecurityContext(reader, store.base)) ? [atStore(store, `\`${field}: true\`: what runs in the container can take over the machine`)] : []))),
      ...reader.callsTo(...launches).flatMap((call): PatternMatch[] => {
        const texts = [...reader.texts(call.args[0]), reader.prefixOf(call.args[0] ?? -1) ?? '', ...Array.from({ length: 8 }, (_, at) => reader.texts(call.args[1], String(at))).flat()]
        const isEngine = texts.some((text) => /^(?:sudo )?(?:docker|podman)\b/.test(text))
        const flag = isEngine ? texts.find((text) => /--privileged\b|\/var\/run\/docker\.sock/.test(text)) : undefined
        return flag === undefined ? [] : [atCall(call, flag.includes('docker.sock') ? 'What runs in the container can start others on the machine: it has the socket of the engine' : '`--privileged`: what runs in the container can take over the machine')]
      }),
    ]
  },
})

const isSecurityContext = (reader: Reader, literal: number) => reader.storesOf('securityContext').some(({ value }) => value === literal)
