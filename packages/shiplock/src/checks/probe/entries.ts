import { tamper, tokenFields } from './csrf-token.ts'
import type { Field, Submission } from './html-forms.ts'

export type Entries = readonly (readonly [name: string, value: string])[]

/** How the token is sent along; a map has the values that another session was given, by the names of their fields. */
export type TokenState = 'proper' | 'missing' | 'tampered' | ReadonlyMap<string, string>

/** What a person would send who writes `text` wherever something can be written. */
export function entriesOf(submission: Submission, text: string, token: TokenState): Entries {
  const tokens = new Set(tokenFields(submission))
  const entries = submission.fields.flatMap((field): Entries => {
    if (!tokens.has(field)) return [[field.name, valueOf(field, text)]]
    if (token === 'missing') return []
    if (typeof token !== 'string') return [[field.name, token.get(field.name) ?? field.value]]
    return [[field.name, token === 'proper' ? field.value : tamper(field.value)]]
  })
  return submission.button ? [...entries, [submission.button.name, submission.button.value]] : entries
}

/** Whether the form has a place for `text`, so that what it made can be found again. */
export const takesText = ({ fields }: Submission): boolean => fields.some(({ kind }) => textKinds.has(kind))

const textKinds = new Set(['text', 'search', 'textarea'])

const sample: Readonly<Record<string, string>> = {
  'email': 'shiplock-probe@example.invalid',
  'url': 'https://example.invalid/shiplock-probe',
  'tel': '+15550100',
  'date': '2030-01-02',
  'datetime-local': '2030-01-02T03:04',
  'month': '2030-01',
  'week': '2030-W01',
  'time': '03:04',
  'color': '#123456',
}

function valueOf({ kind, value, min, maxLength }: Field, text: string): string {
  if (textKinds.has(kind)) return text.slice(0, maxLength)
  if (value !== '' || kind === 'hidden' || kind === 'select' || kind === 'checkbox' || kind === 'radio') return value
  if (kind === 'number' || kind === 'range') return min || '1'
  // An unknown kind is a text field (HTML, "the type attribute").
  return (sample[kind] ?? text).slice(0, maxLength)
}

/** The body of the request as the form's `enctype` wants it. */
export function encode(entries: Entries, enctype: string, fields: readonly Field[]): { readonly type: string; readonly text: string } {
  if (enctype === 'text/plain') return { type: 'text/plain', text: entries.map(([name, value]) => `${name}=${value}\r\n`).join('') }
  if (enctype !== 'multipart/form-data')
    return {
      type: 'application/x-www-form-urlencoded',
      text: new URLSearchParams(entries.map(([name, value]) => [name, value])).toString(),
    }
  const boundary = 'shiplock-probe-boundary'
  const files = new Set(fields.filter(({ kind }) => kind === 'file').map(({ name }) => name))
  const parts = entries.map(([name, value]) => {
    const quoted = name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
    const head = files.has(name) ? `; filename="shiplock-probe.txt"\r\ncontent-type: text/plain` : ''
    return `--${boundary}\r\ncontent-disposition: form-data; name="${quoted}"${head}\r\n\r\n${value}\r\n`
  })
  return { type: `multipart/form-data; boundary=${boundary}`, text: `${parts.join('')}--${boundary}--\r\n` }
}
