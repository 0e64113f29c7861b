/** The last line of a YAML block scalar (`run: |`) that begins on a line; the line itself where none does. */
export function endOfScalar(lines: readonly string[], startLine: number): number {
  const head = lines[startLine - 1] ?? ''
  if (!/[|>][-+\d]{0,2}\s*(?:#.*)?$/.test(head.slice(-200))) return startLine
  const indent = indentOf(head)
  let last = startLine
  for (let line = startLine + 1; line <= lines.length; line += 1) {
    const text = lines[line - 1] ?? ''
    if (text.trim() === '') continue
    if (indentOf(text) <= indent) break
    last = line
  }
  return last
}

/** What a dash of a list begins is further in than the dash. */
const indentOf = (line: string) => /^(?: |-(?= ))*/.exec(line)?.[0].length ?? 0
