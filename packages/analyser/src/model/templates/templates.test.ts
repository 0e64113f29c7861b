import { expect, test } from 'vitest'
import { analyse } from '../../analyse.ts'
import { findingsOf } from '../../findings.ts'
import { modelFile } from '../model-file.ts'
import { isTemplate, readTemplate } from './read-template.ts'

/** What is found in a template that is given `name`, `list` and `user` of a request: rule, line, and what stands there. */
function found(path: string, template: string, others: Readonly<Record<string, string>> = {}): string[] {
  const texts = new Map(Object.entries({ 'app.js': `require('express')().get('/', (req, res) => res.render(${JSON.stringify(path)}, { name: req.query.name, list: req.query.list, user: { bio: req.query.bio } }))\n`, [`views/${path}`]: template, ...others }))
  return findingsOf(analyse(texts, new Map()), texts)
    .filter(({ location }) => isTemplate(location!.path))
    .map(({ rule, location, flow }) => `${rule.replace('sast/', '')} ${location!.path === `views/${path}` ? '' : `${location!.path} `}${location!.startLine}: ${flow!.at(-1)!.code}`)
}

test.each<[string, string, readonly string[]]>([
  ['a.ejs', '<p><%= name %></p>\n<p><%- name.trim() %></p>', ['cross-site-scripting 2: name.trim()']],
  ['a.ejs', '<%# <%- name %>\n<%% <%- name; -%>\n', ['cross-site-scripting 2: name']],
  ['a.ejs', '<% for (const one of list) { %>\n<%_ const text = one _%>\n<li><%- text // what it is %></li>\n<% } %>', ['cross-site-scripting 3: text // what it is']],
  ['a.ejs', '<%- JSON.stringify(user) %>', ['cross-site-scripting 1: user']],
  ['a.ejs', '<%- JSON.stringify(user).replace(/</g, "\\\\u003c") %>\n<%- JSON.stringify({ a: [user] }, null, 2) %>', ['cross-site-scripting 2: { a: [user] }, null, 2']],
  ['a.hbs', '<script>a = {{{json user}}}</script>', ['cross-site-scripting 1: user']],
  ['a.njk', '{{ user | dump | safe }}', ['cross-site-scripting 1: user']],
  ['a.ejs', '<%- locals.user.bio %><%- encodeURIComponent(name) %>', ['cross-site-scripting 1: locals.user.bio']],
  ['a.eta', '<%= it.name %>\n<%~ it.name %>', ['cross-site-scripting 2: it.name']],
  ['a.pug', 'p= name\np!= name', ['cross-site-scripting 2: name']],
  ['a.pug', '//\n  p!= name\np.\n  text !{name}\n  \\!{name}', ['cross-site-scripting 4: name']],
  ['a.pug', 'if name\n  p(class="a" href=name) #{name}\nelse if list\n  a(\n    title=name\n    href=name)= name\nelse\n  p', ['untrusted-link 2: name', 'untrusted-link 6: name']],
  ['a.pug', 'case name\n  when 1\n    p!= name\n  default\n    p\n- const a = list\n- for (const b of a)\n  p!= b', ['cross-site-scripting 3: name', 'cross-site-scripting 8: b']],
  ['a.hbs', '<p>{{name}}</p>\n{{{name}}}\n{{!-- {{{name}}} --}}{{! {{name}} }}', ['cross-site-scripting 2: name']],
  ['a.hbs', '{{#each list}}\n{{{this}}}{{{title}}}\n{{{../name}}}\n{{else}}\n{{{name}}}\n{{/each}}', ['cross-site-scripting 2: this', 'cross-site-scripting 2: title', 'cross-site-scripting 3: name', 'cross-site-scripting 5: name']],
  ['a.hbs', '{{#if (eq name "a")}}{{&user.bio}}{{else if name}}\n{{{ lookup list name }}}{{else}}{{/if}}', ['cross-site-scripting 1: user.bio']],
  ['a.mustache', '{{#user}}\n{{{bio}}} {{{name}}}\n{{/user}}\n{{^list}}none{{/list}}', ['cross-site-scripting 2: bio', 'cross-site-scripting 2: name']],
  ['a.njk', '{{ name }}\n{{ name | safe }}{{ name | escape | safe }}{# {{ name | safe }} #}{% raw %}{{ name | safe }}{% endraw %}', ['cross-site-scripting 2: name']],
  ['a.njk', '{% macro row(text) %}<b>{{ text | safe }}</b>{% endmacro %}\n{% for one in list %}{{ row(one) }}{% else %}none{% endfor %}\n{{ user.bio if name else "" }}', ['cross-site-scripting 1: text']],
  ['a.liquid', '{{ name }}\n{{ name | escape }}{% assign b = user.bio %}{{ b }}', ['cross-site-scripting 1: name', 'cross-site-scripting 2: b']],
])('%s: %j', (path, template, expected) => {
  expect(found(path, template)).toEqual(expected)
})

test('what is escaped is not harmless where it stands outside of quotes, in a handler or in a script', () => {
  expect(found('a.ejs', '<a href="<%= name %>">\n<a href="/u/<%= name %>">\n<b class=<%= name %>>\n<b onclick="go(\'<%= name %>\')">\n<b title="<%= name %>">\n<script>a = <%= name %>; b = "<%= name %>"</script>\n<p>x = <%= name %></p>')).toEqual(['untrusted-link 1: name', 'cross-site-scripting 3: name', 'cross-site-scripting 4: name', 'cross-site-scripting 6: name'])
})

test('partials, layouts and helpers are given what there is', () => {
  expect(found('a.hbs', '{{> card user}}\n{{> card bio=name}}\n{{bold name}}', { 'views/partials/card.hbs': '{{{bio}}}', 'views/layouts/main.hbs': '<title>{{{name}}}</title>{{{body}}}', 'helpers.js': `require('handlebars').registerHelper('bold', (text) => new (require('handlebars')).SafeString('<b>' + text + '</b>'))` })).toEqual(['cross-site-scripting views/layouts/main.hbs 1: name', 'cross-site-scripting views/partials/card.hbs 1: bio'])
})

test('a template is found by its path, beside who names it where several have the name', () => {
  const texts = new Map([
    ['a/app.js', `require('express')().get('/', (req, res) => res.render('page', { name: req.query.name }))`],
    ['a/views/page.ejs', '<%= name %>'],
    ['b/views/page.ejs', '<%- name %>'],
    ['b/app.js', `require('ejs').renderFile(__dirname + '/views/page.ejs', { name: 'constant' })`],
  ])
  expect(findingsOf(analyse(texts, new Map()), texts)).toEqual([])
})

test('a template that nobody renders, and one of another language, say nothing', () => {
  const texts = new Map([['a.twig', '{{ name|raw }}{% if a is defined and b %}{% endif %}'], ['b.ejs', '<% if ( %>']])
  expect(findingsOf(analyse(texts, new Map()), texts)).toEqual([])
  expect(modelFile('b.ejs', '<% if ( %>')).toMatchObject({ problems: [], bounds: ['templates'] })
})

test('reading takes time in proportion to the text', () => {
  for (const [path, piece] of [['a.ejs', '<%= a %><%'], ['a.pug', 'a(href=b '], ['a.pug', '  p #{a !{b\n'], ['a.hbs', '{{{a (b '], ['a.hbs', '{{#a}}{{'], ['a.njk', '{% raw %}{{ a'], ['a.njk', '{% if a %}{{ b(c, '], ['a.ejs', '<b x="<%= a %>']] as const) {
    const cpu = (times: number) => {
      const text = piece.repeat(times)
      const started = process.cpuUsage()
      expect(readTemplate(path, text)!.code.length).toBeGreaterThan(0)
      return process.cpuUsage(started).user
    }
    cpu(500)
    // Sixteen times the text: what grows with its square would take 256 times as long.
    expect(cpu(32_000) / Math.max(cpu(2000), 3000), path + piece).toBeLessThan(100)
  }
})
