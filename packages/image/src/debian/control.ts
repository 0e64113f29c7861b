import { ImageError, quote, type ImageErrorCode } from '../error.ts'

/** The fields of one paragraph of a control file by their names in lower case; deb822(5) ignores case. */
export type Paragraph = ReadonlyMap<string, string>

const fieldPattern = /^(?<name>[!-9;-~]+):[ \t]*(?<value>.*)$/

/**
 * One paragraph of the format deb822(5): a control file, a Release, an entry of Packages. A value of several lines keeps
 * them, the first white space of each removed. A line that is no field, or a field that is there twice, throws `code`.
 */
export function parseParagraph(text: string, code: ImageErrorCode, what: string): Paragraph {
  const fields = new Map<string, string>()
  let last: string | undefined
  for (const line of text.split('\n')) {
    const content = line.trimEnd()
    if (/^[ \t]/.test(line)) {
      if (last === undefined) throw new ImageError(code, `${what} begins in the middle of a field`)
      fields.set(last, `${fields.get(last)!}\n${content.slice(1)}`)
      continue
    }
    if (content === '' || line.startsWith('#')) continue
    const { name, value = '' } = fieldPattern.exec(content)?.groups ?? {}
    if (name === undefined || name.startsWith('-')) throw new ImageError(code, `${what} has a line that is no field: ${quote(content)}`)
    last = name.toLowerCase()
    if (fields.has(last)) throw new ImageError(code, `${what} has the field ${quote(name)} twice`)
    fields.set(last, value)
  }
  return fields
}

/** A field that must be there, on one line. */
export function requiredField(paragraph: Paragraph, name: string, code: ImageErrorCode, what: string): string {
  const value = paragraph.get(name.toLowerCase())
  if (value === undefined || value === '' || value.includes('\n')) throw new ImageError(code, `${what} has no ${name}`)
  return value
}
