import { ImageError, quote, type ImageErrorCode } from '../error.ts'
import type { HttpAnswer } from '../node/http.ts'
import { isRecord } from '../oci/json.ts'

/** Failures are small; what is more is not read. */
const maxFailureBytes = 64 * 1024

const codes: ReadonlyMap<number, ImageErrorCode> = new Map([
  [401, 'registry-unauthorized'],
  [403, 'registry-forbidden'],
  [404, 'registry-not-found'],
  [429, 'registry-throttled'],
])

/** The error for an answer that was not hoped for. `what` names what was asked; `mask` takes out what must not be shown. */
export async function failureOf(answer: HttpAnswer, { what, host, mask }: { readonly what: string; readonly host: string; readonly mask: (text: string) => string }): Promise<ImageError> {
  const { status } = answer
  const code = codes.get(status) ?? (status >= 500 ? 'registry-failed' : 'registry-refused')
  const said = mask(await reasonsIn(answer))
  return new ImageError(code, `${quote(host)} answered ${status} to ${what}${said === '' ? '' : `: ${quote(said)}`}`, hintFor(code, host))
}

function hintFor(code: ImageErrorCode, host: string): { readonly hint?: string } {
  if (code === 'registry-unauthorized') return { hint: `Log in: docker login ${host}` }
  if (code === 'registry-forbidden') return { hint: 'Ask for the right to do this, or log in as somebody who has it.' }
  if (code === 'registry-throttled' || code === 'registry-failed') return { hint: 'Try again later.' }
  return {}
}

/** distribution-spec, "Error Codes": `{ "errors": [{ "code", "message", "detail" }] }`. Another body says nothing to us. */
async function reasonsIn(answer: HttpAnswer): Promise<string> {
  const bytes = await readAtMost(answer, maxFailureBytes)
  if (bytes === undefined) return ''
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return ''
    throw error
  }
  const errors = isRecord(value) && Array.isArray(value['errors']) ? value['errors'].slice(0, 3) : []
  return errors.map((error: unknown) => (isRecord(error) ? `${String(error['code'])} ${typeof error['message'] === 'string' ? error['message'] : ''}`.trim() : '')).join('; ')
}

/** A small body as a whole; `undefined` where it is larger than `maxBytes`. */
export async function readAtMost(answer: HttpAnswer, maxBytes: number): Promise<Buffer | undefined> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of answer.body) {
    size += piece.length
    if (size > maxBytes) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** Like `readAtMost`, but a larger body is `too-large`. */
export async function readSmallAnswer(answer: HttpAnswer, maxBytes: number, what: string): Promise<Buffer> {
  const bytes = await readAtMost(answer, maxBytes)
  if (bytes === undefined) throw new ImageError('too-large', `${what} is larger than ${maxBytes} bytes`)
  return bytes
}
