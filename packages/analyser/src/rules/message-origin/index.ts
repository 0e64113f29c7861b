import type { ProgramCall } from '../../flow/program.ts'
import { readerOf, type Reader } from '../../flow/reading.ts'
import { atCall, atStore } from '../match.ts'
import { edgeKinds } from '../../model/file-model.ts'
import { defineRule, type PatternMatch } from '../rule.ts'

const windows = /^(?:parent|opener|top|window|win|contentWindow|frame|iframe|popup|child(?:Window)?|target(?:Window)?|source|otherWindow)$/i

export default defineRule({
  id: 'sast/message-origin',
  alias: 'SL222',
  title: 'A message between windows without a check of who is there',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-346',
  alsoCwe: ['CWE-940', 'CWE-941', 'CWE-20'],
  fix: 'Compare `event.origin` with the origins that are written down; name the receiver\'s origin instead of `*`',
  find: (analysis) => {
    const reader = readerOf(analysis)
    return [
      ...reader.callsNamed('postMessage').flatMap((call): PatternMatch[] => {
        if (!reader.isAlways('*', call.args[1]) || reader.read(call.args[0]).constants.length > 0) return []
        const isWindow = call.receiver < 0 || reader.origins(call.receiver, ({ kind }) => kind !== edgeKinds.store && kind !== edgeKinds.key).slice(0, 8).some((node) => reader.namesOf(node).some((name) => windows.test(name)) || reader.isGlobal('parent', node) || reader.isGlobal('opener', node) || reader.isGlobal('top', node) || reader.isGlobal('window', node))
        return isWindow ? [atCall(call, 'Whatever page is in that window by then can read the message', { severity: 'low' })] : []
      }),
      ...reader.callsNamed('addEventListener').flatMap((call): PatternMatch[] => {
        if (!reader.texts(call.args[0]).includes('message') || !isOfWindow(reader, call)) return []
        return reader.values.functionsAt(call.args[1] ?? -1, 0).some((fn) => isTrusting(reader, fn)) ? [atCall(call, 'Any page that has this window can send it messages; the handler does not look at `origin`')] : []
      }),
      ...reader.storesOf('onmessage').flatMap((store): PatternMatch[] => (reader.isGlobal('window', store.base) && reader.values.functionsAt(store.value, 0).some((fn) => isTrusting(reader, fn)) ? [atStore(store, 'Any page that has this window can send it messages; the handler does not look at `origin`')] : [])),
    ]
  },
})

/** Workers have the same function, but only their own page sends to them. */
const isOfWindow = (reader: Reader, { receiver, file }: ProgramCall) => {
  if (receiver >= 0) return reader.isGlobal('window', receiver)
  const isWorker = /worker|\bsw\.[cm]?[jt]s$/i.test(reader.program.files[file]!.path) || reader.callsNamed('importScripts', 'skipWaiting').some((call) => call.file === file) || reader.callsNamed('addEventListener').some((call) => call.file === file && reader.texts(call.args[0]).some((event) => event === 'install' || event === 'fetch' || event === 'activate'))
  return !isWorker
}

/** Reads the message and asks neither where it comes from nor whom it was sent by. */
function isTrusting(reader: Reader, index: number): boolean {
  const { functions, fields } = reader.program
  const [event] = functions[index]!.params
  if (event === undefined) return false
  const read = new Set(reader.reached(event, ({ kind }) => kind !== edgeKinds.load && kind !== edgeKinds.store).flatMap((node) => [...reader.next(node)].flatMap(({ kind, data }) => (kind === edgeKinds.load ? fields[data]! : []))))
  return read.has('data') && !read.has('origin') && !read.has('source') && !read.has('isTrusted')
}
