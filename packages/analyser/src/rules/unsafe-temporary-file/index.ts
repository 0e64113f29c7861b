import { readerOf, type Reader } from '../../flow/reading.ts'
import { atCall } from '../match.ts'
import { defineRule } from '../rule.ts'

const writes = ['writeFile', 'writeFileSync', 'appendFile', 'appendFileSync', 'createWriteStream', 'outputFile', 'outputFileSync', 'open', 'openSync', 'mkdir', 'mkdirSync', 'mkdirp', 'ensureDir', 'ensureDirSync', 'writeJson', 'copyFile', 'copyFileSync'].map((name) => `fs.${name}`)
const unguessable = /random(?!$)|uuid|nanoid|cuid|ulid|mkdtemp|tmpdirectory|tempdir(?!ectory)|hash|digest/i
const knownNames = new Set(['tmpdir', 'join', 'resolve', 'now', 'toString', 'normalize', 'Date', 'getTime', 'random', 'basename', 'cwd'])

export default defineRule({
  id: 'sast/unsafe-temporary-file',
  alias: 'SL216',
  title: 'A temporary file whose name others can know',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-377',
  alsoCwe: ['CWE-378', 'CWE-379'],
  fix: 'Make a directory of your own with `fs.mkdtemp(path.join(os.tmpdir(), "name-"))` and write into that',
  find: (analysis) => {
    const reader = readerOf(analysis)
    return [
      ...reader.callsTo(...writes).flatMap((call) => {
        const at = call.name.startsWith('copyFile') ? 1 : 0
        return isGuessable(reader, call.args[at]) ? [atCall(call, 'Another user of the machine can put a file or a link at this path first')] : []
      }),
      ...reader.callsTo('temp.name').map((call) => atCall(call, 'The name is free now, not when the file is made: another user of the machine can be first')),
    ]
  },
})

/** Below the directory that all users share, with nothing in the name that others cannot know. */
function isGuessable(reader: Reader, node: number | undefined): boolean {
  if (node === undefined) return false
  const { program, values } = reader
  let isShared = false
  for (const from of reader.origins(node)) {
    const value = program.constants.get(from)
    const start = typeof value === 'string' ? value : (reader.prefixOf(from) ?? '')
    if (/^\/(?:var\/)?tmp\/./.test(start)) isShared = true
    if (value !== undefined) continue
    const call = reader.callOf(from)
    if (call) {
      if (reader.apisOf(call).includes('os.tmpdir')) isShared = true
      else if (!knownNames.has(call.name) && values.targets[reader.indexOf(call)]!.length === 0) return false
      if (unguessable.test(call.name)) return false
    } else if (values.origins.has(from)) return false
    if (reader.namesOf(from).some((name) => unguessable.test(name))) return false
    // A parameter that nobody hands over, or anything else that is not known.
    const isLeaf = [...reader.before(from)].length === 0
    if (isLeaf && !call && !isHarmlessLeaf(reader, from)) return false
  }
  return isShared
}

const isHarmlessLeaf = (reader: Reader, node: number) => reader.values.shapesOf(node).length > 0 || ['process', '__dirname', '__filename'].some((name) => reader.isGlobal(name, node))
