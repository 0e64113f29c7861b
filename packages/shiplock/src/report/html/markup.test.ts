import * as fc from 'fast-check'
import { parseFragment } from 'parse5'
import { expect, test } from 'vitest'
import { visible } from '../escape.ts'
import { html } from './markup.ts'

test('what is put in is text, wherever it is put', () => {
  expect(html`<p title="${'" onclick="x'}">${'<b>&amp;'} ${"it's `so`"}</p>`.toString()).toBe(
    '<p title="&#34; onclick=&#34;x">&#60;b&#62;&#38;amp; it&#39;s &#96;so&#96;</p>',
  )
})

test('markup of its own is kept, lists are joined, nothing is nothing', () => {
  expect(html`<ul>${['a', '<'].map((item) => html`<li>${item}</li>`)}${false}${undefined}${0}</ul>`.toString()).toBe(
    '<ul><li>a</li><li>&#60;</li>0</ul>',
  )
})

test('an object of the record that looks like markup is not taken for it', () => {
  const forged = { toString: () => '<script>' } as unknown as string
  expect(html`${forged}`.toString()).toBe('&#60;script&#62;')
})

test('control characters are shown', () => {
  expect(html`<i>${'\u001b[31m\u202e'}</i>`.toString()).toBe(String.raw`<i>\u{1b}[31m\u{202e}</i>`)
})

test('a parser reads back the text that was put in, whatever it is', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '`', '=', '/', '!', '-', 'a', ' ', '\0') }),
      ),
      (text) => {
        expect(parseFragment(html`<p title="${text}">${text}</p>`.toString()).childNodes).toMatchObject([
          {
            nodeName: 'p',
            attrs: [{ name: 'title', value: visible(text) }],
            childNodes: text === '' ? [] : [{ nodeName: '#text', value: visible(text) }],
          },
        ])
      },
    ),
  )
})
