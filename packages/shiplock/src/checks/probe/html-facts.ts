import { parse } from 'parse5'
import { attribute, elementsOf } from './html-nodes.ts'

/** What a page says beside its forms, as far as it is judged. */
export interface HtmlFacts {
  readonly scripts: readonly { readonly src: string; readonly integrity: string }[]
  /** Contents of `<meta http-equiv>` and `<meta name="referrer">` by their lower-case name. */
  readonly metas: ReadonlyMap<string, readonly string[]>
  readonly links: readonly string[]
}

/** Never throws: what is no HTML says nothing. */
export function htmlFacts(html: string): HtmlFacts {
  const elements = elementsOf(parse(html))
  const metas = new Map<string, string[]>()
  for (const element of elements) {
    if (element.tagName !== 'meta') continue
    const name = (attribute(element, 'http-equiv') ?? attribute(element, 'name') ?? '').toLowerCase()
    if (judgedMetas.has(name)) metas.set(name, [...(metas.get(name) ?? []), attribute(element, 'content') ?? ''])
  }
  return {
    scripts: elements.flatMap((element) => {
      const src = element.tagName === 'script' ? attribute(element, 'src') : undefined
      return src ? [{ src, integrity: attribute(element, 'integrity') ?? '' }] : []
    }),
    metas,
    links: elements.flatMap((element) => (element.tagName === 'a' ? (attribute(element, 'href') ?? []) : [])),
  }
}

const judgedMetas = new Set(['content-security-policy', 'referrer'])
