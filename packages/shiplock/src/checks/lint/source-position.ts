import type { Location } from '@shiplock/findings'

/**
 * Places in one file, from byte offsets: oxlint and Biome count UTF-8 bytes, a `Location` counts UTF-16 code units
 * from 1 (SARIF 2.1.0 §3.30.2). A line ends with LF, alone or after CR.
 */
export function locate(path: string, text: string, startByte: number, byteLength: number): Location {
  const bytes = Buffer.from(text)
  const start = position(bytes, startByte)
  const end = position(bytes, startByte + byteLength)
  return { path, startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column }
}

function position(bytes: Buffer, offset: number) {
  const before = bytes.subarray(0, offset)
  let line = 1
  let lineStart = 0
  for (let at = before.indexOf(10); at !== -1; at = before.indexOf(10, at + 1)) {
    line += 1
    lineStart = at + 1
  }
  return { line, column: before.subarray(lineStart).toString('utf8').length + 1 }
}
