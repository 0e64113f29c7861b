import fc from 'fast-check'
import { expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { findingsOf } from '../findings.ts'
import { readMarkup } from './markup.ts'

function found(path: string, text: string): string[] {
  const texts = new Map([[path, text]])
  return findingsOf(analyse(texts, new Map()), texts).map(({ rule, location }) => `${rule.replace('sast/', '')}:${location!.startLine}`)
}

test.each([
  ['a property of the component', '<template>\n  <p v-html="text"></p>\n</template>\n<script>\nexport default { props: [\'text\'] }\n</script>\n', ['cross-site-scripting:2']],
  ['what a method keeps', '<script>\nexport default {\n  data() { return { text: "" } },\n  methods: { load() { this.text = location.hash } }\n}\n</script>\n<template><p v-html="text" /></template>\n', ['cross-site-scripting:7']],
  ['what is computed', '<template><p v-html="big"/></template>\n<script>\nexport default { props: { text: String }, computed: { big() { return `<b>${this.text}</b>` } } }\n</script>\n', ['cross-site-scripting:1']],
  ['what is computed and cleaned', '<template><p v-html="big"/></template>\n<script>\nimport DOMPurify from "dompurify"\nexport default { props: { text: String }, computed: { big() { return DOMPurify.sanitize(this.text) } } }\n</script>\n', []],
  ['the address', '<template><p v-html="$route.query.text"/></template>\n<script>\nexport default {}\n</script>\n', ['cross-site-scripting:1']],
  ['a variable of the setup', '<script setup lang="ts">\nimport { ref } from "vue"\nconst text = ref<string>("")\nconst load = () => { text.value = window.name }\n</script>\n<template><p v-html="text"/></template>\n', ['cross-site-scripting:6']],
  ['a variable of the setup that others cannot change', '<script setup>\nconst text = "<b>x</b>"\n</script>\n<template><p v-html="text"/></template>\n', []],
  ['the address of a link', '<template><a :href="link">x</a></template>\n<script>\nexport default { props: ["link"] }\n</script>\n', ['untrusted-link:1']],
  ['a comment', '<template><!-- <p v-html="text"/> --></template>\n<script>\nexport default { props: ["text"] }\n</script>\n', []],
  ['an expression that is none', '<template><p v-html="if ("/></template>\n<script>\ndocument.write(location.hash)\n</script>\n', ['cross-site-scripting:3']],
])('of a template of Vue, %s', (_, text, expected) => {
  expect(found('a.vue', text)).toEqual(expected)
})

test('what Svelte is told to take for markup is a sink', () => {
  expect(found('a.svelte', '<script>\n  const text = decodeURIComponent(location.hash)\n</script>\n<p>{text}</p>\n<p>{@html `<b>${text}</b>`}</p>\n')).toEqual(['cross-site-scripting:5'])
})

test('whatever the text is, places stay what they are, and lines too', () => {
  const piece = fc.constantFrom('<script>', '</script>', '<!--', '-->', ' v-html="', '"', "'", ' :href=\'a\'', '{@html ', '{', '}', '\n', 'a', '<p ', '>', ';', '\r\n')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.constantFrom('a.vue', 'a.svelte', 'a.html'), (pieces, path) => {
      const text = pieces.join('')
      const { source, scripts } = readMarkup(path, text)
      expect(source.length).toBe(text.length)
      expect(scripts.length).toBe(text.length)
      expect(scripts.replace(/[^\n]/g, '')).toBe(text.replace(/[^\n]/g, ''))
    }),
  )
})

test.each(['<script', '<!--', ' v-html="', '{@html '])('a megabyte of %s is read in time that its length allows', (piece) => {
  expect(readMarkup('a.vue', piece.repeat(150_000)).expressions.length).toBeGreaterThanOrEqual(0)
  expect(readMarkup('a.svelte', piece.repeat(150_000)).expressions).toEqual([])
})
