import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeHtml, html } from './html.ts'

test('what is interpolated is escaped, in content and in quoted attributes', () => {
  const evil = `<script>alert("1" & '2')</script>`
  expect(html`<a title="${evil}">${evil}</a>`.markup).toBe(
    '<a title="&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;">' +
      '&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;</a>',
  )
})

test('markup of templates stays, alone and in lists', () => {
  expect(html`<ul>${['<', 'b'].map((text) => html`<li>${text}</li>`)}</ul>`.markup).toBe('<ul><li>&lt;</li><li>b</li></ul>')
})

test('false and undefined leave nothing, zero stays', () => {
  expect(html`${false}${undefined}${0}`.markup).toBe('0')
})

test('no text gets out of where it was put, and none is lost', () => {
  const back: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
  const unit = fc.constantFrom('&', '<', '>', '"', "'", '&lt;', '#39;', '`', '=', ' ', 'a', '\0', 'é', '😀', '\ud83d')
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      const escaped = escapeHtml(text)
      expect(escaped).not.toMatch(/[<>"']/)
      expect(escaped.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => back[name] ?? '')).toBe(text)
    }),
  )
})
