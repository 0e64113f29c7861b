import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apiHost, formatReference, parseReference } from './reference.ts'

const digest = `sha256:${'a'.repeat(64)}` as const

describe('a reference', () => {
  // The cases of the distribution project's own grammar, and what Docker makes of short names.
  test.each([
    ['node', { registry: 'docker.io', repository: 'library/node', tag: 'latest' }],
    ['node:26-slim', { registry: 'docker.io', repository: 'library/node', tag: '26-slim' }],
    ['example/todo', { registry: 'docker.io', repository: 'example/todo', tag: 'latest' }],
    ['docker.io/node', { registry: 'docker.io', repository: 'library/node', tag: 'latest' }],
    ['index.docker.io/example/todo', { registry: 'docker.io', repository: 'example/todo', tag: 'latest' }],
    ['localhost/todo', { registry: 'localhost', repository: 'todo', tag: 'latest' }],
    ['localhost:5000/todo:1', { registry: 'localhost:5000', repository: 'todo', tag: '1' }],
    ['127.0.0.1:5000/a/b_c/d__e/f-g/h--i.j', { registry: '127.0.0.1:5000', repository: 'a/b_c/d__e/f-g/h--i.j', tag: 'latest' }],
    ['[::1]:5000/todo', { registry: '[::1]:5000', repository: 'todo', tag: 'latest' }],
    ['[2001:db8::1]/todo', { registry: '[2001:db8::1]', repository: 'todo', tag: 'latest' }],
    ['europe-west1-docker.pkg.dev/project/repo/todo:v1.2_3', { registry: 'europe-west1-docker.pkg.dev', repository: 'project/repo/todo', tag: 'v1.2_3' }],
    ['HOST/todo', { registry: 'HOST', repository: 'todo', tag: 'latest' }],
    [`ghcr.io/a/b@${digest}`, { registry: 'ghcr.io', repository: 'a/b', digest }],
    [`ghcr.io/a/b:1@${digest}`, { registry: 'ghcr.io', repository: 'a/b', tag: '1', digest }],
  ])('%j is read as Docker reads it', (text, expected) => {
    expect(parseReference(text)).toEqual(expected)
  })

  test.each([
    '', ':1', '@', '/', 'a/', '/a', 'Node', 'ghcr.io/Todo', 'a//b', 'a/../b', 'ghcr.io/../x', 'a_-b', 'a___b', '-a', 'a-', 'a.', 'a..b', 'a:', 'a:-x', 'a: b', `a:${'x'.repeat(129)}`,
    'a@sha256:abc', `a@sha512:${'a'.repeat(128)}`, `a@${digest.toUpperCase()}`, 'host:0/a', 'host:65536/a', 'host:x/a', '-host.io/a', 'host-.io/a', 'user@host.io/a', 'http://host.io/a',
    'host.io/a?b', 'host.io/a#b', 'host.io/a%2e', 'host.io/a\nb', 'host.io/ä', '[::1/a', '[zz]/a', `host.io/${'a'.repeat(255)}`, 'host.io/a:1/b', 'host\u202e.io/a',
  ])('%j is none', (text) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'reference-invalid' }))
  })

  test('in full is read back as it was', () => {
    const component = fc.stringMatching(/^[a-z0-9]{1,4}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}$/)
    const reference = fc.record({
      host: fc.constantFrom('docker.io', 'ghcr.io', 'localhost', '127.0.0.1:5000', '[::1]:80'),
      path: fc.array(component, { minLength: 2, maxLength: 4 }),
      tag: fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/), { nil: undefined }),
      hasDigest: fc.boolean(),
    })
    fc.assert(fc.property(reference, ({ host, path, tag, hasDigest }) => {
      const text = `${host}/${path.join('/')}${tag === undefined ? '' : `:${tag}`}${hasDigest ? `@${digest}` : ''}`
      const parsed = parseReference(text)
      expect(parseReference(formatReference(parsed))).toEqual(parsed)
      expect(formatReference(parsed)).toBe(tag === undefined && !hasDigest ? `${text}:latest` : text)
    }))
  })

  test('is refused or has parts that fit into a URL as they are, whatever it was', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('a', 'B', '.', '/', ':', '@', '-', '_', '1', '%', '?', '\\', '[', ']') })), (text) => {
      let parsed
      try {
        parsed = parseReference(text)
      } catch (error) {
        expect(error).toMatchObject({ code: 'reference-invalid' })
        return
      }
      const url = new URL(`https://${apiHost(parsed.registry)}/v2/${parsed.repository}/manifests/${parsed.tag}`)
      expect(url.pathname).toBe(`/v2/${parsed.repository}/manifests/${parsed.tag}`)
      expect(url.username + url.search + url.hash).toBe('')
    }), { numRuns: 1000 })
  })

  test('to Docker Hub is answered by the host of its API', () => {
    expect(apiHost('docker.io')).toBe('registry-1.docker.io')
    expect(apiHost('ghcr.io')).toBe('ghcr.io')
  })
})
