import { edgeKinds } from '../model/file-model.ts'
import { edgesOf } from './edges.ts'
import type { Program } from './program.ts'
import type { Values } from './values.ts'

/** Values that are looked at for the headers of one answer. */
const mostHeaders = 40

/**
 * Whether what a call sends is no page: its function, or one around it, said last that it is something else (text, JSON, an
 * image), and never that it is markup, or it is handed the text of `JSON.stringify`.
 */
export function plainAnswers(program: Program, values: Values): (call: number) => boolean {
  const { calls, functions, constants, files, bases } = program
  const isResponse = (node: number) => node >= 0 && values.shapesOf(node).some(({ api }) => api === 'http.response')
  const said = new Map<number, { readonly at: number; readonly type: string }[]>()
  const note = (fn: number, at: number, type: unknown) => {
    if (typeof type !== 'string') return
    const types = said.get(fn)
    if (types) types.push({ at, type })
    else said.set(fn, [{ at, type }])
  }
  const written = new Map<number, unknown>()
  for (const [index, file] of files.entries()) for (const { base, field, value } of file.stores) if (field.toLowerCase() === 'content-type') written.set(base + bases[index]!, constants.get(value + bases[index]!))
  const { offsets, targets } = edgesOf(program, values).backward
  /** The type among headers: of a literal, of what it was spread or copied from, of what a function gives back. */
  const typeIn = (headers: number): unknown => {
    const seen = new Set(written.size === 0 ? [] : [headers])
    for (const node of seen) {
      if (written.has(node)) return written.get(node)
      for (let slot = offsets[node]!; slot < offsets[node + 1]! && seen.size < mostHeaders; slot += 3) {
        const kind = targets[slot + 1]!
        if (kind === edgeKinds.copy || kind === edgeKinds.spread || kind === edgeKinds.derive || kind === edgeKinds.filter) seen.add(targets[slot]!)
      }
    }
    return undefined
  }
  const texts = new Set<number>()
  /** Where a function says that it failed. */
  const failed: { readonly within: number; readonly at: number }[] = []
  for (const { name, args, within, receiver, result, at } of calls) {
    const [first, second] = args.map((node) => constants.get(node))
    if (/^(?:status|code)$/.test(name) && typeof first === 'number' && first >= 400) failed.push({ within, at })
    if (/^(?:setHeader|header|set|append)$/.test(name) && typeof first === 'string' && first.toLowerCase() === 'content-type') note(within, at, second)
    else if (/^(?:type|contentType)$/.test(name) && isResponse(receiver)) note(within, at, first)
    // Without a type among its headers it is whatever the browser takes it for.
    else if (name === 'writeHead') note(within, at, args.map((node) => typeIn(node)).find((type) => type !== undefined) ?? '')
    else if (/^(?:set|header)$/.test(name)) for (const node of args) note(within, at, typeIn(node))
    // A function of the program that begins the answer with the headers that it is given.
    else if (args.length > 1 && args.some(isResponse)) for (const node of args) if (!isResponse(node)) note(within, at, typeIn(node))
    else if (name === 'stringify') texts.add(result)
  }
  return (index) => {
    const call = calls[index]!
    if (!/^(?:send|end|write)$/.test(call.name) || !isResponse(call.receiver)) return false
    if (texts.has(call.args[0] ?? -1)) return true
    for (let fn = call.within; fn >= 0; fn = functions[fn]!.outer) {
      const types = said.get(fn)
      if (types?.some(({ type }) => /html|xml|svg/i.test(type))) return false
      const before = types?.filter(({ at }) => at < call.at).reduce<{ readonly at: number; readonly type: string } | undefined>((last, one) => (last && last.at > one.at ? last : one), undefined)
      // An image is sent where that is said; what is sent instead of it, by a callback or with a status of its own, is an error, as a page.
      if (before) return /json|^te?xt|text\/plain|csv|javascript|css/i.test(before.type) || (fn === call.within && before.type !== '' && !failed.some(({ within, at }) => within === fn && at > before.at && at < call.at))
    }
    return false
  }
}
