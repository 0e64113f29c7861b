import { visible } from '../escape.ts'

/** A piece of HTML that is safe to put between tags or, quoted, into an attribute. Only `html` and `trusted` make one. */
export class Markup {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }
}

export type Content = Markup | string | number | false | undefined | readonly Content[]

/**
 * Template tag for HTML. Whatever is put in is text and is escaped, control characters too, except what this tag made
 * itself. Lists are joined; `false` and undefined are nothing. Attribute values must be quoted in the template.
 */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(parts.reduce((text, part, index) => text + render(contents[index - 1]) + part))
}

/** Our own style and script, as they are. Never a text of the record. */
export function trusted(text: string): Markup {
  return new Markup(text)
}

function render(content: Content): string {
  if (content === undefined || content === false) return ''
  if (content instanceof Markup) return content.toString()
  if (Array.isArray(content)) return content.map(render).join('')
  return visible(String(content)).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`)
}
