import type { RunRecord } from '@shiplock/findings'

/**
 * `run.json`: the record as JSON that is the same bytes for the same record, however it was put together: keys sorted, two
 * spaces, a line end at the end. Fields that are undefined are left out.
 */
export function renderJson(record: RunRecord): string {
  return safeJson(record, sortKeys)
}

/**
 * JSON whose bytes are safe to show: control and format characters, and the start of a command to GitHub's runner, are
 * written as escapes. Read back they are what they were.
 */
export function safeJson(value: unknown, replacer?: (key: string, value: unknown) => unknown): string {
  return `${JSON.stringify(value, replacer, 2).replace(unsafe, escapeUnits).replaceAll('##[', '#\\u0023[')}\n`
}

/** What JSON may hold unescaped and a terminal should not get. JSON.stringify has escaped C0 controls and lone surrogates. */
const unsafe = /[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu

function sortKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')
}
