import { createServer } from 'node:http'
import helmet from 'helmet'
import { expect, test } from 'vitest'
import { securityHeaders } from './headers.ts'

/** What helmet sends by default and we do not, and why not. */
const leftOut: Readonly<Record<string, string>> = {
  'strict-transport-security': 'over TLS only, see app.test.ts',
  'x-dns-prefetch-control': 'no page links to another host',
  'x-download-options': 'for Internet Explorer',
  'x-permitted-cross-domain-policies': 'for Flash',
  'x-xss-protection': 'for browsers that no longer are; its filter is off in all others',
}

test('everything that helmet sends is sent here too, or left out for a reason', async () => {
  const names = await new Promise<string[]>((resolve) => {
    const server = createServer((request, response) => {
      helmet()(request, response, () => resolve(response.getHeaderNames()))
      response.end()
      server.close()
    })
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      void fetch(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`)
    })
  })
  expect(names.filter((name) => !(name in securityHeaders) && !(name in leftOut))).toEqual([])
})

test('the content security policy names each directive once and nothing that would loosen it', () => {
  const directives = securityHeaders['content-security-policy'].split('; ').map((directive) => directive.split(' '))
  const names = directives.map(([name]) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(directives[0]).toEqual(['default-src', "'none'"])
  const sources = directives.slice(0, 8).flatMap(([, ...values]) => values)
  expect([...new Set(sources)].toSorted()).toEqual(["'none'", "'self'"])
  expect(directives.slice(8)).toEqual([['require-trusted-types-for', "'script'"], ['trusted-types', 'todo']])
})
