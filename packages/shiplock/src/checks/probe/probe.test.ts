import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCheckRig, type FixtureResult } from '../../testing/check-fixtures.ts'
import { fetchOnce } from '../../system/http.ts'
import { tamper } from './csrf-token.ts'
import { postForms } from './html-forms.ts'
import probe from './index.ts'

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Probes a service that answers with `handle`; tells what it was asked. */
async function probed(
  handle: (seen: Seen, response: ServerResponse) => void,
  options: object = {},
  mayWrite = true,
): Promise<FixtureResult & { readonly seen: readonly Seen[]; readonly origin: string }> {
  const seen: Seen[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const it = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: await text(request) }
    seen.push(it)
    handle(it, response)
  }
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  const origin = `http://127.0.0.1:${address.port}`
  await using rig = await createCheckRig(undefined, { packages: false })
  const result = await rig.run(probe, {
    options,
    http: { origin, mayWrite, request: ({ path, ...request }) => fetchOnce({ ...request, url: `${origin}${path}` }) },
    subject: { kind: 'revision', digest: `sha256:${'0'.repeat(64)}`, service: 'todo', revision: 'todo-1', uri: origin },
  })
  server.close()
  server.closeAllConnections()
  return { ...result, seen, origin }
}

/** What a sound service sends along; what is missing would be a finding of its own. */
const soundHeaders = { 'content-security-policy': "default-src 'none'; frame-ancestors 'none'", 'x-content-type-options': 'nosniff' }
const html = (response: ServerResponse, body: string, status = 200, headers: object = {}) =>
  response.writeHead(status, { ...soundHeaders, 'content-type': 'text/html', ...headers }).end(body)

const tokenOf = (session: string) => createHash('sha256').update(session).digest('hex').slice(0, 16)
const token = tokenOf('1')

/** Keeps every title that it is sent with the token of the session, or with any. */
function list(items: string[], { isChecked = true } = {}) {
  let sessions = 0
  return ({ method, url, headers, body }: Seen, response: ServerResponse) => {
    const session = /id=(\d+)/.exec(headers.cookie ?? '')?.[1] ?? String(++sessions)
    const fields = new URLSearchParams(body)
    const hidden = `<input type="hidden" name="csrf" value="${tokenOf(session)}">`
    const isOurs = fields.get('csrf') === tokenOf(session) && headers['sec-fetch-site'] !== 'cross-site'
    if (method === 'POST' && !/^\/(?:add|remove)$/.test(url)) return html(response, 'not here', 404)
    if (method === 'POST' && isChecked && !isOurs) return html(response, 'no', 403)
    if (url === '/add') items.push(fields.get('title') ?? '')
    if (url === '/remove') items.splice(Number(fields.get('nth')), 1)
    const rows = items.map((item, nth) => `<tr><td>${item}</td><td><form method="post" action="/remove">${hidden}<button name="nth" value="${nth}">Remove</button></form></td></tr>`)
    return html(response, `<form method="post" action="/add">${hidden}<input name="title"><button>Add</button></form><table>${rows.join('')}</table>`, 200, { 'set-cookie': `id=${session}; SameSite=Lax` })
  }
}

test('what it writes is marked and deleted again, and what was there is left alone', async () => {
  const items = ['buy bread']
  const { outcome, seen } = await probed(list(items))
  expect(outcome).toEqual({ kind: 'completed', findings: [] })
  expect(items).toEqual(['buy bread'])
  const written = seen.filter(({ url }) => url === '/add').map(({ body }) => new URLSearchParams(body).get('title'))
  expect(written).toHaveLength(5)
  expect(written.every((title) => /^shiplock-probe-[0-9a-f]{12}$/.test(title ?? ''))).toBe(true)
})

test('what it got in by a flaw is deleted again as well', async () => {
  const items = ['buy bread']
  const { outcome } = await probed(list(items, { isChecked: false }))
  expect(outcome.kind === 'completed' && outcome.findings.map(({ rule }) => rule)).toContain('probe/csrf-missing-token-accepted')
  expect(items).toEqual(['buy bread'])
})

test('it says who it is, and sends what a browser sends on the page itself', async () => {
  const { seen, origin } = await probed(list([]))
  expect(seen.every(({ headers }) => headers['user-agent']?.startsWith('shiplock-probe'))).toBe(true)
  const added = seen.filter(({ url }) => url === '/add')
  expect(added.map(({ body }) => new URLSearchParams(body).get('csrf'))).toEqual([null, tamper(token), expect.not.stringMatching(token), token, token])
  expect(added.every(({ headers }) => headers.cookie === 'id=1')).toBe(true)
  expect(added.map(({ headers }) => headers.origin)).toEqual([origin, origin, origin, 'https://another-site.invalid', origin])
  expect(added.map(({ headers }) => headers['sec-fetch-site'])).toEqual(['same-origin', 'same-origin', 'same-origin', 'cross-site', 'same-origin'])
})

test('a form that goes to another origin is not sent', async () => {
  const { outcome, seen } = await probed((asked, response) =>
    html(response, asked.method === 'POST' ? '' : '<form method="post" action="https://other.invalid/x"><input name="title"></form>'),
  )
  expect(outcome).toEqual({ kind: 'completed', findings: [] })
  expect(seen.filter(({ method, url }) => method === 'POST' && url !== '/shiplock-probe-not-there')).toEqual([])
})

test('more requests than allowed are a failure, not a pass', async () => {
  const { outcome, seen } = await probed(list([]), { maxRequests: 5 })
  expect(outcome).toMatchObject({ kind: 'failed', failure: { reason: 'timed-out', hint: expect.stringContaining('maxRequests') } })
  expect(seen).toHaveLength(5)
})

test('a service that is gone is a failure, not a pass', async () => {
  const { outcome } = await probed((_, response) => response.destroy())
  expect(outcome).toMatchObject({ kind: 'failed', failure: { reason: 'target-unreachable' } })
})

test('with forms off nothing is written', async () => {
  const items: string[] = []
  const { seen } = await probed(list(items, { isChecked: false }), { forms: false })
  expect(items).toEqual([])
  expect(seen.filter(({ method, url }) => method === 'POST' && url !== '/shiplock-probe-not-there')).toEqual([])
})

describe('postForms', () => {
  test('takes the button’s own address and method, and controls that name their form', () => {
    const page = `<form id="f" method="get" action="/a"><button formmethod="post" formaction="/b" name="n" value="v">Go</button><button>Look</button></form>
      <input form="f" name="outside" value="x"><input form="f" name="off" disabled>`
    expect(postForms(page)).toEqual([
      {
        action: '/b',
        enctype: '',
        fields: [{ name: 'outside', kind: 'text', value: 'x' }],
        button: { name: 'n', value: 'v' },
        label: 'Go',
        isInRow: false,
        around: expect.any(String),
      },
    ])
  })

  test('a page nested as deep as it is long, or of forms only, is read in time', () => {
    expect(postForms(`${'<b>'.repeat(20_000)}<form method="post"><input name="a"></form>`)).toHaveLength(1)
    expect(postForms('<form method=post><button>a</button></form>'.repeat(5_000)).length).toBeLessThan(1000)
  })

  test('no text makes it throw', () => {
    const piece = fc.constantFrom(
      '<form',
      ' method=post',
      '>',
      '<input name=a',
      ' form="',
      '<li>',
      '</form>',
      '<button>',
      '<table><form>',
      '<template>',
      '\0',
      '<select name=s><option>',
      '"',
    )
    fc.assert(fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => Array.isArray(postForms(pieces.join('')))))
  })
})

test('a tampered token is another one of the same kind', () => {
  const hex = fc.stringMatching(/^[0-9a-f]{16,64}$/)
  fc.assert(
    fc.property(hex, (value) => tamper(value) !== value && /^[0-9a-f]+$/.test(tamper(value)) && tamper(value).length === value.length),
  )
  fc.assert(fc.property(fc.string({ minLength: 1 }), (value) => tamper(value) !== value))
})

test('a revision that serves people is looked at and never written to', async () => {
  const { outcome, seen } = await probed(list([]), { rateLimit: 5 }, false)
  expect(outcome).toMatchObject({ kind: 'completed', findings: [] })
  expect(new Set(seen.map(({ method }) => method))).toEqual(new Set(['GET']))
})
