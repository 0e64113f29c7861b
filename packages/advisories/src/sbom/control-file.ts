/** Fields of one paragraph of a Debian control file, by their names in lower case. */
export type Paragraph = ReadonlyMap<string, string>

/** Characters of one field: a description has a few kB, and a list of conffiles some more. */
const longestField = 256 * 1024
const mostFields = 200
const mostParagraphs = 100_000

/**
 * Paragraphs of a control file (Debian policy 5.1): fields, continued on lines that begin with a space, and blank lines between.
 * Lines that are neither are passed over, as are the ends of fields that nobody writes; the first of two fields of one name counts.
 */
export function parseControlFile(text: string): Paragraph[] {
  const paragraphs: Paragraph[] = []
  let fields = new Map<string, string>()
  let name: string | undefined
  let lines: string[] = []
  let size = 0
  const endField = () => {
    if (name !== undefined && fields.size < mostFields && !fields.has(name)) fields.set(name, lines.join('\n'))
    name = undefined
  }
  const endParagraph = () => {
    endField()
    if (fields.size > 0 && paragraphs.length < mostParagraphs) paragraphs.push(fields)
    fields = new Map()
  }
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end < 0 ? text.length : end).replace(/\r$/, '')
    at = end < 0 ? text.length : end + 1
    if (/^[ \t]*$/.test(line)) endParagraph()
    else if (line[0] === ' ' || line[0] === '\t') {
      size += line.length
      if (name !== undefined && size <= longestField) lines.push(line.trim())
    } else if (line[0] !== '#') {
      endField()
      const colon = line.indexOf(':')
      if (colon < 1 || colon > 100) continue
      name = line.slice(0, colon).toLowerCase()
      size = line.length
      lines = [line.slice(colon + 1, colon + 1 + longestField).trim()]
    }
  }
  endParagraph()
  return paragraphs
}
