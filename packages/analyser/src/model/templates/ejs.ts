import { PagePlace, type TemplateScript } from './template-script.ts'

/** EJS and Eta: the template is JavaScript already, between the marks. */
export function readEjs(text: string, script: TemplateScript, isEta: boolean): void {
  const place = new PagePlace()
  let at = 0
  for (let start = text.indexOf('<%'); start >= 0; start = text.indexOf('<%', at)) {
    place.read(text.slice(at, start))
    if (!isEta && text[start + 2] === '%') {
      at = start + 3
      continue
    }
    const end = text.indexOf('%>', start + 2)
    if (end < 0) return
    at = end + 2
    const mark = isEta ? /[-_]?([~=])?/y : /[-_=#]?/y
    mark.lastIndex = start + 2
    const [found, eta] = mark.exec(text)!
    const kind = isEta ? (eta ?? '') : found
    const from = start + 2 + found.length
    const to = /[-_]/.test(text[end - 1]!) && end - 1 >= from ? end - 1 : end
    if (kind === '#') continue
    const last = withoutSemicolon(text, from, to)
    if (kind === '=') {
      const danger = place.escaped()
      if (danger) script.outputOf(...danger, from, last)
      else {
        script.write('\n;(')
        script.copy(from, last)
        script.write('\n);')
      }
      place.put()
    } else if (kind === '-' || kind === '~') {
      script.outputOf('html', `<%${kind}`, from, last)
      place.put()
    } else {
      script.copy(from, to)
      script.write('\n')
    }
  }
}

function withoutSemicolon(text: string, from: number, to: number): number {
  let end = to
  while (end > from && /[\s;]/.test(text[end - 1]!)) end -= 1
  return end
}
