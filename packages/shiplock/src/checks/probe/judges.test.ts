import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { forbidsFraming, parsePolicies, whyScriptsAreUnrestricted } from './csp.ts'
import { leakIn } from './error-pages.ts'
import { htmlFacts } from './html-facts.ts'
import { judgeCookies } from './judge-cookies.ts'
import { judgeHeaders } from './judge-headers.ts'
import { judgeTransport } from './judge-transport.ts'

const rulesOf = (headers: Readonly<Record<string, string>>, body = '') =>
  judgeHeaders({ path: '/', origin: 'https://shop.example', response: { status: 200, headers: new Headers(headers), body }, html: htmlFacts(body), isOverTls: true }).map(({ rule }) => rule.slice('probe/'.length))

const sound = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=63072000',
  'x-content-type-options': 'nosniff',
}

describe('a Content-Security-Policy', () => {
  test.each([
    ["default-src 'self'", undefined],
    ["default-src 'none'; script-src 'nonce-r4nd0m' 'unsafe-inline'", undefined],
    ["default-src 'none'; script-src 'sha256-abc=' 'strict-dynamic' https: 'unsafe-inline'", undefined],
    ["script-src 'self'; object-src 'none'", undefined],
    ["default-src 'self'; script-src 'self' https://cdn.example", undefined],
    ["default-src 'self'; script-src-attr 'unsafe-inline'", "attributes may hold scripts: 'unsafe-inline'"],
    ["script-src 'self'", 'neither object-src nor default-src is set'],
    ["default-src 'self'; object-src *", 'plugins may come from *'],
    ["img-src 'self'", 'neither script-src nor default-src is set'],
    ["default-src 'self' 'unsafe-inline'", "scripts may come from 'unsafe-inline'"],
    ["default-src 'self'; script-src data:", 'scripts may come from data:'],
    ["default-src 'self'; script-src https://*", 'scripts may come from https://*'],
    ["DEFAULT-SRC 'self'; SCRIPT-SRC *", 'scripts may come from *'],
    ["default-src 'self'; script-src-elem https:", 'scripts may come from https:'],
  ])('%s lets scripts run as browsers read it: %s', (text, why) => {
    expect(parsePolicies([text], []).map(whyScriptsAreUnrestricted)).toEqual([why])
  })

  test('of several all hold: what one of them forbids is forbidden', () => {
    const strict = "default-src 'none'; frame-ancestors 'none'"
    expect(rulesOf({ ...sound, 'content-security-policy': `script-src *, ${strict}` })).toEqual([])
    expect(rulesOf({ ...sound, 'content-security-policy': "script-src *; frame-ancestors 'none', default-src https:" })).toEqual(['csp-scripts-unrestricted'])
    expect(rulesOf({ ...sound, 'content-security-policy': "script-src *; frame-ancestors 'none'" }, `<meta http-equiv="Content-Security-Policy" content="default-src 'none'">`)).toEqual([])
  })

  test('in the page itself forbids no frames, in the header it does where it keeps anybody out', () => {
    const { 'content-security-policy': policy, ...rest } = sound
    expect(rulesOf(rest, `<meta http-equiv="content-security-policy" content="${policy}">`)).toEqual(['framing-allowed'])
    expect(parsePolicies(['frame-ancestors https:', "frame-ancestors 'self' https://a.example", "default-src 'none'"], []).map(forbidsFraming)).toEqual([false, true, false])
  })

  test.each([["default-src 'none'; default-src 'self'"], ['default-src none'], ["script-src 'strict-dynamic'; object-src 'none'"], ['default-src\u00a0self']])('%s does not mean what it says', (text) => {
    expect(parsePolicies([text], [])[0]?.problems).toHaveLength(1)
  })

  test('of any text is read without a throw', () => {
    const word = fc.oneof(fc.string(), fc.constantFrom('default-src', "'none'", ';', ',', '*', "'nonce-", 'script-src', '\u00a0', "'strict-dynamic'"))
    fc.assert(fc.property(fc.array(word), (words) => Array.isArray(parsePolicies([words.join(' ')], [words.join('')]).map(whyScriptsAreUnrestricted))))
  })
})

test.each([
  ['DENY', []],
  ['sameorigin', []],
  ['ALLOW-FROM https://partner.example', ['framing-allowed']],
  ['DENY, ALLOWALL', ['framing-allowed']],
])('X-Frame-Options: %s', (value, rules) => {
  expect(rulesOf({ ...sound, 'content-security-policy': "default-src 'none'", 'x-frame-options': value })).toEqual(rules)
})

test.each([
  ['strict-origin', []],
  ['unsafe-url, no-referrer', []],
  ['no-referrer, unsafe-url', ['referrer-policy-unsafe']],
  ['never', ['referrer-policy-unsafe']],
])('Referrer-Policy: %s', (value, rules) => {
  expect(rulesOf({ ...sound, 'referrer-policy': value })).toEqual(rules)
})

test.each([
  ['max-age=15552000', []],
  ['includeSubDomains; MAX-AGE="31536000"', []],
  ['max-age=15551999', ['hsts-weak']],
  ['max-age=31536000, max-age=31536000', ['hsts-weak']],
  ['includeSubDomains', ['hsts-weak']],
])('Strict-Transport-Security: %s', (value, rules) => {
  expect(rulesOf({ ...sound, 'strict-transport-security': value })).toEqual(rules)
})

test.each([
  ['<script src="/own.js"></script>', []],
  ['<script src="https://static.shop.example/x.js"></script>', []],
  ['<script src="https://cdn.example/x.js" integrity="sha384-abc" crossorigin></script>', []],
  ['<script src="//cdn.test/x.js"></script>', ['script-without-integrity']],
  ['<script src="https://cdn.test/x.js" integrity="md5-abc"></script>', ['script-without-integrity']],
  ['<script src="http://cdn.test/x.js"></script>', ['script-without-tls', 'script-without-integrity']],
])('%s', (body, rules) => {
  expect(rulesOf(sound, body)).toEqual(rules)
})

test.each([
  ['__Host-session=1; Path=/; Secure; HttpOnly; SameSite=Lax', []],
  ['session=; Max-Age=0', []],
  ['csrf=1; Secure; SameSite=Strict', []],
  ['GAESA=1; Secure; path=/', []],
  ['theme=dark', ['cookie-without-secure low']],
  ['PHPSESSID=1; SameSite=Lax', ['cookie-without-secure medium', 'cookie-without-http-only medium']],
  ['sid=1; secure', ['cookie-without-http-only medium']],
  ['csrf=1; Secure', ['cookie-same-site-invalid medium']],
  ['theme=1; Secure; SameSite=yes', ['cookie-same-site-invalid medium']],
])('the cookie %s', (line, rules) => {
  const findings = judgeCookies(new Map([[line.slice(0, line.indexOf('=')), line]]), true)
  expect(findings.map(({ rule, severity = 'medium' }) => `${rule.slice('probe/'.length)} ${severity}`)).toEqual(rules)
})

test.each([
  ['a stack of Node', 'TypeError: x<br> &nbsp;at Layer.handle [as handle_request] (/app/node_modules/express/lib/router/layer.js:95:5)'],
  ['a stack of Node', 'at async file:///srv/server.mjs:10:3'],
  ['a traceback of Python', 'Traceback (most recent call last):\n  File "/app/x.py", line 3'],
  ['a stack of Java', 'at org.example.Shop.buy(Shop.java:42)'],
  ['an error of PHP', '<b>Warning</b>:  Undefined variable $x in <b>/var/www/index.php</b> on line <b>3</b>'],
  ['a panic of Go', 'goroutine 17 [running]:'],
  ['a backtrace of Ruby', "/srv/app/models/task.rb:17:in 'find'"],
  ['a statement of SQL', 'You have an error in your SQL syntax; check the manual'],
  [undefined, 'Not found. Look at 10:30 or at https://status.example:8443/now'],
  [undefined, 'Error 404 at /tasks/12'],
])('%s is seen in an error', (what, body) => {
  expect(leakIn({ status: 500, headers: new Headers(), body })).toBe(what)
  expect(leakIn({ status: 200, headers: new Headers(), body })).toBeUndefined()
})

test('errors of a megabyte are read in time', () => {
  const started = performance.now()
  for (const piece of ['at ', 'at a', 'File "', '/a', 'Warning: ', 'at a(', "thread '", 'at (/', 'Notice: x in /']) leakIn({ status: 500, headers: new Headers(), body: piece.repeat(2 ** 20 / piece.length) })
  expect(performance.now() - started).toBeLessThan(5000)
})

test.each([
  [{ status: 301, location: 'https://shop.example/' }, []],
  [{ status: 403 }, []],
  [{ status: 301, location: 'https://www.shop.example/' }, ['low']],
  [{ status: 302, location: '/login' }, ['medium']],
  [{ status: 200 }, ['medium']],
])('what the plain port answers, %j', (plain, severities) => {
  expect(judgeTransport({ tls: { daysLeft: 60, outdated: [] }, plain }, 'shop.example').map(({ severity = 'medium' }) => severity)).toEqual(severities)
})
