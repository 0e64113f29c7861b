/** Markup that is safe to send: text from outside only gets in through `html`, which escapes it. */
export class Html {
  readonly markup: string

  constructor(markup: string) {
    this.markup = markup
  }
}

/** What a template may hold. `false` and `undefined` leave nothing, so that `condition && html...` reads well. */
export type HtmlValue = Html | string | number | false | undefined | readonly HtmlValue[]

const special = /[&<>"']/
const everySpecial = /[&<>"']/g
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Makes text safe as element content and inside a quoted attribute; nowhere else (no unquoted attribute, script, style or URL scheme). */
export const escapeHtml = (text: string): string =>
  // Most text has nothing to escape, and finding that out is cheaper than replacing.
  special.test(text) ? text.replace(everySpecial, (character) => entities[character] ?? '') : text

function render(value: HtmlValue): string {
  if (typeof value === 'string') return escapeHtml(value)
  if (value instanceof Html) return value.markup
  if (value === undefined || value === false) return ''
  if (typeof value === 'number') return String(value)
  return value.map(render).join('')
}

/** The template tag: everything interpolated is escaped, unless it is `Html` already. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let markup = parts[0] ?? ''
  for (let index = 0; index < values.length; index++) markup += render(values[index]) + (parts[index + 1] ?? '')
  return new Html(markup)
}
