import type { Program } from './program.ts'
import type { Values } from './values.ts'

/**
 * Whether what a call sends is no page: its function, or one around it, says that it is text or JSON and never that it is
 * markup, or it is handed the text of `JSON.stringify`.
 */
export function plainAnswers(program: Program, values: Values): (call: number) => boolean {
  const { calls, functions, constants, files, bases } = program
  const isResponse = (node: number) => node >= 0 && values.shapesOf(node).some(({ api }) => api === 'http.response')
  const said = new Map<number, boolean>()
  const note = (fn: number, type: unknown) => {
    if (typeof type === 'string') said.set(fn, (said.get(fn) ?? true) && !/html|xml|svg/i.test(type))
  }
  const written = new Map<number, unknown>()
  for (const [index, file] of files.entries()) for (const { base, field, value } of file.stores) if (field.toLowerCase() === 'content-type') written.set(base + bases[index]!, constants.get(value + bases[index]!))
  const texts = new Set<number>()
  for (const { name, args, within, receiver, result } of calls) {
    const [first, second] = args.map((node) => constants.get(node))
    if (/^(?:setHeader|header|set|append)$/.test(name) && typeof first === 'string' && first.toLowerCase() === 'content-type') note(within, second)
    else if (/^(?:type|contentType)$/.test(name) && isResponse(receiver)) note(within, first)
    else if (/^(?:writeHead|set|header)$/.test(name)) for (const node of args) note(within, written.get(node))
    else if (name === 'stringify') texts.add(result)
  }
  return (index) => {
    const call = calls[index]!
    if (!/^(?:send|end|write)$/.test(call.name) || !isResponse(call.receiver)) return false
    if (texts.has(call.args[0] ?? -1)) return true
    for (let fn = call.within; fn >= 0; fn = functions[fn]!.outer) {
      const isPlain = said.get(fn)
      if (isPlain !== undefined) return isPlain
    }
    return false
  }
}
