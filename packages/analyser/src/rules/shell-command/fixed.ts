import type { Reader } from '../../flow/reading.ts'
import { edgeKinds } from '../../model/file-model.ts'

/** Text that a shell reads as one word, or numbers. */
const escapes = /quote|escape|^shq|Number$|^parseInt$|^parseFloat$/i
const ofThisMachine = new Set(['os.tmpdir', 'os.homedir', 'process.cwd', 'Date.now', 'Math.random', 'process.umask'])
const globals = ['__dirname', '__filename', 'process', 'undefined']

/** Whether all parts of a text are constants, numbers, escaped, or of this machine and its own code. */
export function isFixedText(reader: Reader, node: number | undefined, depth = 0): boolean {
  if (node === undefined) return true
  if (depth > 3) return false
  const { program, values } = reader
  const parts = reader.origins(node, ({ kind }) => kind !== edgeKinds.store && kind !== edgeKinds.key)
  return parts.length < 200 && parts.every((part) => {
    if (program.constants.has(part) || reader.isLiteral(part)) return true
    if (isEnd(reader, part)) return false
    const hasOrigin = [...reader.before(part)].some(({ kind }) => kind !== edgeKinds.store && kind !== edgeKinds.key) || reader.prefixOf(part) !== undefined
    if (hasOrigin) return true
    const call = reader.callOf(part)
    if (call) return escapes.test(call.name) || reader.apisOf(call).some((api) => ofThisMachine.has(api)) || (values.models[reader.indexOf(call)]!.some(({ harmless }) => harmless === 'all' || harmless?.includes('command')))
    // Arrays of constants are nodes that only stores lead to.
    if ([...reader.before(part)].length > 0) return [...reader.before(part)].every(({ from }) => isFixedText(reader, from, depth + 1))
    return globals.some((name) => reader.isGlobal(name, part))
  })
}

/** Untrusted from the start. */
const isEnd = (reader: Reader, node: number) => {
  const origin = reader.values.origins.get(node)
  return origin !== undefined && origin !== 'environment'
}
