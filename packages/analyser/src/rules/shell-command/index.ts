import type { ProgramCall } from '../../flow/program.ts'
import { readerOf, type Reader } from '../../flow/reading.ts'
import { atCall } from '../match.ts'
import { edgeKinds } from '../../model/file-model.ts'
import { defineRule } from '../rule.ts'
import { isFixedText } from './fixed.ts'

export default defineRule({
  id: 'sast/shell-command',
  alias: 'SL221',
  title: 'A shell command is put together from parts',
  severity: 'medium',
  confidence: 'low',
  cwe: 'CWE-78',
  alsoCwe: ['CWE-88', 'CWE-77'],
  fix: 'Call execFile or spawn with the program and an array of arguments, without a shell',
  find: (analysis) => {
    const reader = readerOf(analysis)
    const reported = new Set(analysis.flows.filter(({ sink }) => sink.kind === 'command').map(({ sink }) => sink.call))
    const isNew = (call: ProgramCall) => !reported.has(reader.indexOf(call))
    return [
      ...reader.callsTo('child_process.exec', 'child_process.execSync').flatMap((call) => (isNew(call) && isBuilt(reader, call.args[0]) ? [atCall(call, 'A space, quote or semicolon in one of the parts changes the command that the shell runs')] : [])),
      ...reader.callsTo('child_process.spawn', 'child_process.spawnSync', 'child_process.execFile', 'child_process.execFileSync').flatMap((call) => {
        const hasShell = call.args.slice(1, 3).some((node) => reader.read(node, 'shell').constants.some(({ value }) => value === true || (typeof value === 'string' && value !== '')))
        return hasShell && isNew(call) && (isBuilt(reader, call.args[0]) || (call.args.length > 2 && !isFixedText(reader, call.args[1]))) ? [atCall(call, 'With `shell`, the arguments are joined to a command without quotes')] : []
      }),
    ]
  },
})

/** Joined from parts of which one at least is not fixed. */
const isBuilt = (reader: Reader, node: number | undefined) => node !== undefined && reader.origins(node).some((from) => reader.prefixOf(from) !== undefined || [...reader.before(from)].filter(({ kind }) => kind === edgeKinds.derive).length > 1) && !isFixedText(reader, node)
