import type { ProgramCall } from '../../flow/program.ts'
import { readerOf } from '../../flow/reading.ts'
import { atCall } from '../match.ts'
import { defineRule, type PatternMatch } from '../rule.ts'

export default defineRule({
  id: 'sast/permissive-file-mode',
  alias: 'SL217',
  title: 'A file that everybody may write',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-732',
  alsoCwe: ['CWE-276'],
  fix: 'Give write permission to the owner only: `0o644`, `0o755`, or `0o600` for what is secret',
  find: (analysis) => {
    const reader = readerOf(analysis)
    const isOpenToAll = (value: unknown) => (typeof value === 'number' ? value > 0 && value <= 0o7777 && (value & 0o002) !== 0 : typeof value === 'string' && /^0?[0-7]?[0-7][0-7][2367]$/.test(value))
    const isAlwaysOpen = (call: ProgramCall) => {
      const { constants, isOpen } = reader.read(call.args[1])
      return constants.length > 0 && !isOpen && constants.some(({ value }) => isOpenToAll(value))
    }
    return [
      ...reader.callsTo('fs.chmod', 'fs.chmodSync', 'fs.fchmod', 'fs.fchmodSync', 'fs.lchmod').flatMap((call) => (isAlwaysOpen(call) ? [atCall(call, 'Every user of the machine may write this file')] : [])),
      ...reader.callsTo('process.umask').flatMap((call) => (reader.isAlways(0, call.args[0]) ? [atCall(call, 'Without a mask, files that are made from here on may be written by everybody')] : [])),
      ...reader.callsTo('child_process.exec', 'child_process.execSync', 'child_process.spawn', 'child_process.spawnSync', 'child_process.execFile', 'child_process.execFileSync').flatMap((call): PatternMatch[] => {
        const texts = [...reader.texts(call.args[0]), reader.prefixOf(call.args[0] ?? -1) ?? '', ...['0', '1', '2'].flatMap((at) => reader.texts(call.args[1], at))]
        const isShell = texts.some((text) => /\bchmod\s+(?:-\S+\s+)*(?:0?777|0?666|a\+w|o\+w)\b/.test(text)) || (texts[0] === 'chmod' && texts.some((text) => /^(?:0?777|0?666|a\+w|o\+w)$/.test(text)))
        return isShell ? [atCall(call, 'Every user of the machine may write this file')] : []
      }),
    ]
  },
})
