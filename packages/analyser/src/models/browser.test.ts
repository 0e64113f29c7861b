import { expect, test } from 'vitest'
import { analyse } from '../analyse.ts'
import { findingsOf } from '../findings.ts'
import { edgeKinds } from '../model/file-model.ts'

/** The rules that find something in a program of one file, `a.js` unless it is named. */
function found(text: string, path = 'a.js'): string[] {
  const texts = new Map([[path, text]])
  // Handlers that ask nobody where a message comes from are told by a rule of their own.
  return [...new Set(findingsOf(analyse(texts, new Map()), texts).map(({ rule }) => rule.replace('sast/', '')))].filter((rule) => rule !== 'message-origin').toSorted()
}

test.each([
  ['text of an element that becomes markup', `const box = document.getElementById('a'); box.innerHTML = '<b>' + box.textContent + '</b>'`],
  ['text of an element by either of two names', `export function cut(el) { const name = el.textContent === undefined ? 'innerText' : 'textContent'; const text = el[name]; document.body.insertAdjacentHTML('beforeend', '<i>' + text) }`],
  ['an attribute in a chain of jQuery', `$('.a').on('click', function () { $('#b').show().find('p').html($(this).attr('data-text')) })`],
  ['what was typed', `$('#b').append('<li>' + $('#name').val() + '</li>')`],
  ['a data attribute', `const el = document.querySelector('a'); el.outerHTML = el.dataset.title`],
  ['the event of a handler', `document.getElementById('a').addEventListener('input', (event) => { document.getElementById('b').innerHTML = event.target.value })`],
  ['a message', `window.addEventListener('message', (event) => { document.body.innerHTML = event.data })`],
  ['a message to onmessage', `window.onmessage = function (event) { document.write(event.data.html) }`],
  ['a message of a socket', `const socket = io(); socket.on('topic', function (data) { $('#a').find('.topic').html(data.topic) })`],
  ['an answer', `$.get('/a', function (data) { $('#a').html(data) })`],
  ['an answer of old', `const request = new XMLHttpRequest(); request.onload = () => { document.body.innerHTML = request.responseText }`],
  ['a query', `const query = new URLSearchParams(location.search); document.body.innerHTML = query.get('name')`],
  ['a fragment', `const range = document.createRange(); range.createContextualFragment(decodeURIComponent(location.hash))`],
  ['a frame', `const frame = document.createElement('iframe'); frame.srcdoc = location.search`],
  ['an attribute for events', `document.body.setAttribute('onclick', 'go(' + location.search + ')')`],
  ['a document that is read from text', `window.onmessage = (event) => { const svg = new DOMParser().parseFromString(event.data, 'image/svg+xml'); document.body.appendChild(svg.documentElement.cloneNode(true)) }`],
  ['a property of React, without JSX', `import React from 'react'; export const Page = () => React.createElement('p', { dangerouslySetInnerHTML: { __html: location.hash } })`],
  ['a component that is handed the address', `class Page extends React.Component { render() { return <p dangerouslySetInnerHTML={{ __html: this.props.html }} /> } }\nexport const app = () => <Page html={window.name} />`],
  ['the address of a page of Angular', `import { ActivatedRoute } from '@angular/router'; import { inject } from '@angular/core'; class Search { route = inject(ActivatedRoute); show() { this.text = this.sanitizer.bypassSecurityTrustHtml(this.route.snapshot.queryParams.q) } }`],
  ['an answer that a service of Angular hands over', `import { HttpClient } from '@angular/common/http'; import { inject } from '@angular/core'; class Feedback { http = inject(HttpClient); find() { return this.http.get('/feedback').pipe(map((answer) => answer.data)) } }\nexport class About { feedback = inject(Feedback); load() { this.feedback.find().subscribe((found) => { this.text = this.sanitizer.bypassSecurityTrustHtml(found.comment) }) } }`],
  ['text that a plugin of jQuery reads of its elements', `(function ($) { $.fn.banner = function () { return this.append('<h1>' + this.text() + '</h1>') } })(jQuery)`],
  ['the text of a node that a function changes', `function each(node, change) { const box = document.createElement('p'); box.innerHTML = change(node.nodeValue) } each(document.body.firstChild, (text) => text.replace(/:\\)/g, '<b>smile</b>'))`],
  ['a helper of a template', `Handlebars.registerHelper('big', function (name, options) { return new Handlebars.SafeString('<b>' + name + '</b>') })`],
])('%s is cross-site scripting', (_, text) => {
  expect(found(text)).toEqual(['cross-site-scripting'])
})

test.each([
  ['it is set as text', `document.body.textContent = location.hash`],
  ['jQuery sets it as text', `$('#a').append($('<b>').text(location.hash))`],
  ['it was read back from where it was set as text', `const div = document.createElement('div'); div.textContent = location.hash; document.body.innerHTML = div.innerHTML`],
  ['it was cleaned', `import DOMPurify from 'dompurify'; document.body.innerHTML = DOMPurify.sanitize(location.hash)`],
  ['it was escaped by hand', `const escape = (s) => s.replace(/&/g, '&amp;').replace(/</g, '&lt;'); document.body.innerHTML = escape(location.hash)`],
  ['it was escaped by a library', `import { escape } from 'lodash'; document.body.innerHTML = escape(location.hash)`],
  ['it is a selector', `$('#' + location.hash.slice(1)).show()`],
  ['the origin of the message was compared', `window.addEventListener('message', (event) => { if (event.origin !== 'https://example.com') return; document.body.innerHTML = event.data })`],
  ['the origin of the message is listed', `const ORIGINS = ['https://example.com']; window.addEventListener('message', (event) => { if (ORIGINS.includes(event.origin)) document.body.innerHTML = event.data })`],
  ['an element that was made is added', `const p = document.createElement('p'); p.textContent = location.hash; document.body.appendChild(p)`],
  ['a helper escapes it', `Handlebars.registerHelper('big', function (name) { return new Handlebars.SafeString('<b>' + Handlebars.Utils.escapeExpression(name) + '</b>') })`],
  ['a plugin of a package is handed an element', `module.exports = function ($, target) { $('body').append(target); $(target).show() }`],
  ['a handler is a function', `document.body.onclick = () => location.reload()`],
])('nothing is said where %s', (_, text) => {
  expect(found(text)).toEqual([])
})

test.each([
  ['a link', `const a = document.createElement('a'); a.href = new URLSearchParams(location.search).get('next')`],
  ['an attribute', `document.querySelector('a').setAttribute('href', decodeURIComponent(location.hash))`],
  ['an element of React', `export const Back = () => <a href={window.name}>back</a>`],
  ['a message that handlers are told of', `function Page() { this.handlers = {}; this.tell = function (type, text) { for (let i = 0; i < this.handlers[type].length; i++) this.handlers[type][i].call(this, text) }; this.listen = function (event) { this.tell(event.data[0], event.data[1]) }.bind(this); this.go = function (to) { document.location.href = to }; this.on = function (type, handler) { this.handlers[type] = this.handlers[type] || []; this.handlers[type].push(handler) }; this.on('go', this.go); window.addEventListener('message', this.listen) } new Page()`],
  ['what an editor keeps of a link', `export const Link = ({ contentState, entityKey }) => <a href={contentState.getEntity(entityKey).getData().url}>x</a>`],
])('%s to an untrusted address is told', (_, text) => {
  expect(found(text)).toEqual(['untrusted-link'])
})

test.each([
  ['it follows a scheme', `document.querySelector('a').href = 'https://example.com/?q=' + location.hash`],
  ['its scheme was compared', `const next = location.hash.slice(1); if (new URL(next).protocol === 'https:') document.querySelector('a').href = next`],
  ['it begins with a scheme', `const next = location.hash.slice(1); if (/^https?:\\/\\//.test(next)) document.querySelector('a').href = next`],
  ['a copy of it was checked', `const text = decodeURIComponent(location.hash); const safe = (url) => { const tidy = String(url).replace(/\\s/g, ''); return tidy.match(/^(?:(?:https?|mailto):|[^a-z])/i) ? url : '#' }; document.querySelector('a').href = safe(text)`],
  ['a function has checked it', `const isSafe = function (url) { if (!url.match(/^(?:https?|mailto):/i)) { return } return true }; window.onmessage = (event) => { const to = event.data; if (!isSafe(to)) { return } location.href = to }`],
  ['an expression that is declared at the top has checked it', `const SAFE = /^(?:https?|mailto):/i\nfunction safe(url) { return SAFE.test(url) ? url : '#' }\ndocument.querySelector('a').href = safe(location.hash)`],
  ['it is encoded', `document.querySelector('a').href = encodeURIComponent(location.hash)`],
])('nothing is said of a link where %s', (_, text) => {
  expect(found(text)).toEqual([])
})

const redirect = (body: string) => `require('express')().get('/', (req, res) => { const to = req.query.to; ${body} })`

test.each([
  ['to the query', redirect(`res.redirect(to)`)],
  ['behind one slash', redirect(`res.redirect('/' + to)`)],
  ['that only begins with a slash', redirect(`if (to.startsWith('/')) res.redirect(to)`)],
  ['by a header', redirect(`res.writeHead(302, { Location: to })`)],
  ['of the page', `window.location = new URLSearchParams(window.location.search).get('to')`],
])('a redirect %s is open', (_, text) => {
  expect(found(text)).toEqual(['open-redirect'])
})

test.each([
  ['it begins with one slash', redirect(`if (to.startsWith('/') && !to.startsWith('//')) res.redirect(to)`)],
  ['its second character is no slash', redirect(`if (to[0] === '/' && to[1] !== '/') res.redirect(to)`)],
  ['an expression says so', redirect(`if (/^\\/(?!\\/)/.test(to)) res.redirect(to)`)],
  ['slashes were taken away', redirect(`res.redirect(to.replace(/^\\/+/, '/'))`)],
  ['its host was compared', redirect(`const url = new URL(to); if (url.host !== 'example.com') return; res.redirect(to)`)],
  ['its host was compared in place', redirect(`if (new URL(to).hostname === 'example.com') res.redirect(to)`)],
  ['it is listed', redirect(`if (['/a', '/b'].includes(to)) res.redirect(to)`)],
  ['it is a path of a host', redirect(`res.redirect(req.baseUrl + to)`)],
  ['it is the host that was asked for', redirect(`res.redirect('https://' + req.headers.host + '/a')`)],
])('a redirect is left alone where %s', (_, text) => {
  expect(found(text)).toEqual([])
})

const answer = (body: string) => `require('express')().get('/', (req, res) => { ${body} })`

test.each([
  ['says nothing of its type', answer(`res.send('Hello ' + req.query.name)`)],
  ['says that it is a page', answer(`res.setHeader('Content-Type', 'text/html; charset=utf-8'); res.end('Hello ' + req.query.name)`)],
  ['says that another one is text', answer(`if (req.query.plain) { res.writeHead(404, { 'Content-Type': 'text/plain' }); return res.end() } res.writeHead(200); res.end('Hello ' + req.query.name)`)],
  ['says that another one is an image', answer(`res.type('image/png'); read((error) => res.status(400).send('No ' + req.query.name))`)],
  ['is an error in place of an image', answer(`try { res.type('image/png'); res.send(draw()) } catch { res.status(400).send('No ' + req.query.name) }`)],
  ['is a page in one case', answer(`if (req.query.plain) res.type('text'); else res.type('html'); res.send('Hello ' + req.query.name)`)],
])('an answer that %s is a page', (_, text) => {
  expect(found(text)).toEqual(['cross-site-scripting'])
})

test.each([
  ['says that it is text', answer(`res.setHeader('Content-Type', 'text/plain'); res.end('Hello ' + req.query.name)`)],
  ['says so for a callback', answer(`res.writeHead(200, { 'content-type': 'application/json' }); setTimeout(() => res.end('[' + req.query.name + ']'), 1)`)],
  ['says so in a chain', answer(`res.type('txt').send('Hello ' + req.query.name)`)],
  ['is JSON', answer(`res.end(JSON.stringify({ name: req.query.name }))`)],
])('an answer that %s is no page', (_, text) => {
  expect(found(text)).toEqual([])
})

test('props are handed to components only: to an element of a class, not to a method that is called', () => {
  const handed = (use: string) => {
    const text = `class Card extends React.Component { show(change) { this.change = change } render() { return <div dangerouslySetInnerHTML={{ __html: this.props.html }} /> } }\nexport const page = () => ${use}\n`
    const texts = new Map([['a.jsx', text]])
    const analysis = analyse(texts, new Map())
    const { flows } = analysis.values
    const props = analysis.program.fieldId('props')
    const stores = flows.filter((_, at) => at % 4 === 2 && flows[at] === edgeKinds.store && flows[at + 1] === props)
    return { stores: stores.length, told: findingsOf(analysis, texts).map(({ rule, location }) => `${rule}@${location!.startLine}`) }
  }
  expect(handed('<Card html={location.hash} />')).toEqual({ stores: 1, told: ['sast/cross-site-scripting@1'] })
  expect(handed('new Card().show({ html: location.hash })')).toEqual({ stores: 0, told: [] })
})
