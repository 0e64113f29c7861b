import { fail, ok, type Result } from '@shiplock/findings'

/** A document from outside as the value that it is in JSON, of at most `largest` bytes; what is none fails with a sentence, and nothing in it throws. */
export function readJsonDocument(bytes: Uint8Array, largest: number): Result<unknown, string> {
  if (bytes.length > largest) return fail(`it has ${bytes.length} bytes, and ${largest} are read`)
  try {
    return ok(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (error) {
    return fail(`it is no JSON: ${error instanceof Error ? error.message.slice(0, 200) : 'for an unknown reason'}`)
  }
}
