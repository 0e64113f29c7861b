import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { testCertificate } from '../testing/certificate.ts'
import { isProofMissing } from '../testing/rig.ts'
import { reply, startRegistry, type Fault, type TestRegistry } from '../testing/registry-server.ts'
import { openRegistry, type RegistryOptions } from './client.ts'
import type { Credentials } from './credentials.ts'

const quick: RegistryOptions = { credentials: async () => undefined, pauseMs: 1, idleMs: 5000 }
const secret = 'hunter2-the-secret'
const password: Credentials = { kind: 'password', username: 'me', password: secret }
const basicOf = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

afterEach(() => vi.unstubAllEnvs())

/** Asks for one manifest; what came, or the error. */
async function ask(registry: TestRegistry | string, options: RegistryOptions = {}): Promise<string> {
  using opened = await openRegistry(typeof registry === 'string' ? registry : registry.host, { ...quick, ...options })
  const { bytes } = await opened.requestDocument({ method: 'GET', path: 'a/b/manifests/1', scopes: ['repository:a/b:pull'], expect: [200], what: 'the manifest 1' }, 1000)
  return new TextDecoder().decode(bytes)
}

const isManifest = (url: string | undefined): boolean => url === '/v2/a/b/manifests/1'

/** Fails so often in one way, then answers. */
const failing = (times: number, fail: Fault): Fault => {
  let left = times
  return (request, answer, seen) => isManifest(request.url) && (left-- > 0 ? fail(request, answer, seen) : reply(answer, 200, {}, 'at last'))
}
const asked = (registry: TestRegistry): number => registry.seen.filter(({ path }) => isManifest(path)).length

describe('a failure that may pass', () => {
  test.each<[string, Fault]>([
    ['429', (_, answer) => reply(answer, 429)],
    ['429 with a pause in seconds', (_, answer) => reply(answer, 429, { 'retry-after': '0' })],
    ['503 with a pause until a date', (_, answer) => reply(answer, 503, { 'retry-after': new Date(Date.now() - 1000).toUTCString() })],
    ['500', (_, answer) => reply(answer, 500, {}, 'oops')],
    ['502', (_, answer) => reply(answer, 502)],
    ['504', (_, answer) => reply(answer, 504)],
    ['408', (_, answer) => reply(answer, 408)],
    ['a cut connection', (request) => request.destroy().destroyed],
    ['silence', () => true],
    ['a body that is cut', (_, answer) => {
      answer.writeHead(200, { 'content-length': '100' })
      answer.write('half', () => answer.destroy())
      return true
    }],
    ['a body that drips', (_, answer) => {
      const timer = setInterval(() => answer.write('.'), 50)
      answer.on('close', () => clearInterval(timer))
      return true
    }],
  ])('is waited out: %s', async (_, fail) => {
    const registry = await startRegistry({ fault: failing(2, fail) })
    expect(await ask(registry, { idleMs: 300 })).toBe('at last')
    expect(asked(registry)).toBe(3)
  })

  test.each<[string, Fault, string]>([
    ['429', (_, answer) => reply(answer, 429), 'registry-throttled'],
    ['500', (_, answer) => reply(answer, 500), 'registry-failed'],
    ['a cut connection', (request) => request.destroy().destroyed, 'registry-unreachable'],
    ['silence', () => true, 'registry-slow'],
  ])('that does not pass is an error: %s', async (_, fail, code) => {
    const registry = await startRegistry({ fault: failing(100, fail) })
    await expect(ask(registry, { attempts: 3, idleMs: 200 })).rejects.toMatchObject({ code })
    expect(asked(registry)).toBe(3)
  })

  test('is not waited out where the registry wants a longer pause than the caller has', async () => {
    const registry = await startRegistry({ fault: failing(1, (_, answer) => reply(answer, 429, { 'retry-after': '3600' })) })
    await expect(ask(registry, { longestPauseMs: 1000 })).rejects.toMatchObject({ code: 'registry-throttled' })
    expect(asked(registry)).toBe(1)
  })

  test('is waited out for as long as the registry says, unless the caller stops', async () => {
    const stop = new AbortController()
    const registry = await startRegistry({ fault: failing(100, (_, answer) => {
      // All attempts would be over by then, were the pause not kept.
      setTimeout(() => stop.abort(new Error('told to stop')), 300)
      return reply(answer, 503, { 'retry-after': '50' })
    }) })
    await expect(ask(registry, { signal: stop.signal })).rejects.toThrow('told to stop')
    expect(asked(registry)).toBe(1)
  })
})

describe('an answer that will not change', () => {
  test.each([[401, 'registry-unauthorized'], [403, 'registry-forbidden'], [404, 'registry-not-found'], [400, 'registry-refused'], [451, 'registry-refused']])('is an error at once: %d', async (status, code) => {
    const body = JSON.stringify({ errors: [{ code: 'DENIED', message: 'not\u001b[31m for you' }, 7] })
    const registry = await startRegistry({ fault: failing(100, (_, answer) => reply(answer, status, {}, body)) })
    const error = await ask(registry).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code, message: expect.stringContaining('DENIED not') })
    expect((error as Error).message).not.toContain('\u001b')
    expect(asked(registry)).toBe(1)
  })

  test('is read only as far as an error has use for', async () => {
    const registry = await startRegistry({ fault: failing(100, (_, answer) => reply(answer, 404, {}, '<html>'.repeat(100_000))) })
    await expect(ask(registry)).rejects.toMatchObject({ code: 'registry-not-found', message: expect.not.stringContaining('html') })
  })

  test('is that nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await expect(ask(`127.0.0.1:${port}`, { attempts: 2 })).rejects.toMatchObject({ code: 'registry-unreachable', message: expect.stringContaining('ECONNREFUSED') })
  })
})

/** Wants a token from its own server, which gives what `give` returns. */
function bearer({ give, challenge }: { readonly give: (form: URLSearchParams, authorization: string | undefined) => object | undefined; readonly challenge?: string }): Fault {
  let token: string | undefined
  return async (request, answer) => {
    const url = new URL(request.url!, `http://${request.headers.host}`)
    if (url.pathname === '/token') {
      let body = ''
      for await (const piece of request as AsyncIterable<Buffer>) body += piece.toString()
      const given = give(request.method === 'POST' ? new URLSearchParams(body) : url.searchParams, request.headers.authorization)
      if (given === undefined) return reply(answer, 401, {}, JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: `wrong: ${request.headers.authorization} ${body}` }] }))
      token = (given as { readonly token?: string; readonly access_token?: string }).token ?? (given as { readonly access_token?: string }).access_token
      return reply(answer, 200, {}, JSON.stringify(given))
    }
    if (token !== undefined && request.headers.authorization === `Bearer ${token}`) return isManifest(request.url) && reply(answer, 200, {}, 'welcome')
    return reply(answer, 401, { 'www-authenticate': challenge ?? `Bearer realm="${url.origin}/token",service="the registry",scope="repository:a/b:pull"` })
  }
}

describe('a registry that wants a token', () => {
  test('gets one that was asked for with the scope and the service that it named', async () => {
    const forms: URLSearchParams[] = []
    const registry = await startRegistry({ fault: bearer({ give: (form, authorization) => (forms.push(form), authorization === basicOf(`me:${secret}`) ? { token: 'abc' } : undefined) }) })
    expect(await ask(registry, { credentials: async () => password })).toBe('welcome')
    expect(forms.map((form) => Object.fromEntries(form))).toEqual([{ service: 'the registry', scope: 'repository:a/b:pull' }])
  })

  test('gets one without credentials where there are none', async () => {
    const registry = await startRegistry({ fault: bearer({ give: (_, authorization) => (authorization === undefined ? { access_token: 'abc' } : undefined) }) })
    expect(await ask(registry)).toBe('welcome')
  })

  test('gets one for a refresh token', async () => {
    const forms: URLSearchParams[] = []
    const registry = await startRegistry({ fault: bearer({ give: (form) => (forms.push(form), { access_token: 'abc' }) }) })
    expect(await ask(registry, { credentials: async () => ({ kind: 'identity', token: secret }) })).toBe('welcome')
    expect(Object.fromEntries(forms[0]!)).toEqual({ grant_type: 'refresh_token', client_id: 'shiplock', refresh_token: secret, service: 'the registry', scope: 'repository:a/b:pull' })
    expect(registry.seen.every(({ path }) => !path.includes(secret))).toBe(true)
  })

  test('is shown an access token as it is', async () => {
    const registry = await startRegistry({ fault: (request, answer) => (request.headers.authorization === 'Bearer direct' ? reply(answer, 200, {}, 'welcome') : reply(answer, 401, { 'www-authenticate': 'Bearer realm="http://127.0.0.1:1/token"' })) })
    expect(await ask(registry, { credentials: async () => ({ kind: 'access', token: 'direct' }) })).toBe('welcome')
  })

  test('is shown the same token again until it ends, or is refused, and then a new one', async () => {
    let count = 0
    const registry = await startRegistry({ fault: bearer({ give: () => ({ token: `t${++count}`, expires_in: 300 }) }) })
    using opened = await openRegistry(registry.host, quick)
    const once = async (scope: string): Promise<void> => {
      (await opened.request({ method: 'GET', path: 'a/b/manifests/1', scopes: [scope], expect: [200], what: 'it' })).drop()
    }
    vi.useFakeTimers({ toFake: ['Date'], now: 0 })
    onTestFinished(() => void vi.useRealTimers())
    await once('repository:a/b:pull')
    vi.setSystemTime(280_000)
    await once('repository:a/b:pull')
    expect(count).toBe(1)
    const before = asked(registry)
    vi.setSystemTime(295_000)
    await once('repository:a/b:pull')
    expect(count).toBe(2)
    // Not shown to the registry once more, only to be refused.
    expect(registry.seen.slice(-3).map(({ headers }) => headers.authorization)).toEqual([undefined, undefined, 'Bearer t2'])
    expect(asked(registry)).toBe(before + 2)
    // A token for one scope says nothing about another; this registry then takes the last one alone.
    await once('repository:a/b:pull,push')
    await once('repository:a/b:pull')
    expect(count).toBe(4)
  })

  test.each<[string, object]>([
    ['no token', {}],
    ['an empty token', { token: '' }],
    ['a token that no header can carry', { token: 'a\r\nx-evil: 1' }],
    ['a number', { token: 7 }],
  ])('and gives %s is refused', async (_, given) => {
    const registry = await startRegistry({ fault: bearer({ give: () => given }) })
    await expect(ask(registry)).rejects.toMatchObject({ code: 'registry-invalid' })
  })

  test('and names a token server without TLS elsewhere does not get the password', async () => {
    const registry = await startRegistry({ fault: bearer({ give: () => ({ token: 'x' }), challenge: 'Bearer realm="http://192.0.2.1/token"' }) })
    await expect(ask(registry, { credentials: async () => password })).rejects.toMatchObject({ code: 'registry-insecure' })
  })

  test('and names what is no URL is refused', async () => {
    const registry = await startRegistry({ fault: bearer({ give: () => ({ token: 'x' }), challenge: 'Bearer realm="nowhere"' }) })
    await expect(ask(registry)).rejects.toMatchObject({ code: 'registry-invalid' })
  })
})

describe('a registry that wants a password', () => {
  const basic: Fault = (request, answer) => (request.headers.authorization === basicOf(`me:${secret}`) ? isManifest(request.url) && reply(answer, 200, {}, 'welcome') : reply(answer, 401, { 'www-authenticate': 'Basic realm="it"' }, JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: request.headers.authorization }] })))

  test('gets it, and is asked for it once', async () => {
    const registry = await startRegistry({ fault: basic })
    expect(await ask(registry, { credentials: async () => password })).toBe('welcome')
    expect(asked(registry)).toBe(2)
  })

  test('is an error where there is none', async () => {
    await expect(ask(await startRegistry({ fault: basic }))).rejects.toMatchObject({ code: 'registry-unauthorized', hint: expect.stringContaining('docker login 127.0.0.1:') })
  })

  test('does not make an error show it, although the registry echoes it', async () => {
    const wrong: Credentials = { ...password, username: 'you' }
    const echoing: Fault = bearer({ give: () => undefined })
    for (const fault of [basic, echoing]) {
      const error = (await ask(await startRegistry({ fault }), { credentials: async () => wrong }).catch((reason: unknown) => reason)) as Error
      expect(error).toMatchObject({ code: 'registry-unauthorized', message: expect.stringContaining('***') })
      for (const hidden of [secret, Buffer.from(`you:${secret}`).toString('base64')]) expect(`${error.message}${error.stack}`).not.toContain(hidden)
    }
  })
})

describe('many requests at once', () => {
  /** Ten requests begin before any has an answer. */
  async function askMany(registry: TestRegistry, credentials: Credentials): Promise<void> {
    using opened = await openRegistry(registry.host, { ...quick, credentials: async () => credentials })
    const request = { method: 'GET', path: 'a/b/manifests/1', scopes: ['repository:a/b:pull'], expect: [200], what: 'it' } as const
    for (const { bytes } of await Promise.all(Array.from({ length: 10 }, async () => opened.requestDocument(request, 1000)))) expect(new TextDecoder().decode(bytes)).toBe('welcome')
  }

  test('are all shown the password', async () => {
    await askMany(await startRegistry({ fault: (request, answer) => (request.headers.authorization === basicOf(`me:${secret}`) ? reply(answer, 200, {}, 'welcome') : reply(answer, 401, { 'www-authenticate': 'Basic realm="it"' })) }), password)
  })

  test('share one token', async () => {
    let count = 0
    await askMany(await startRegistry({ fault: bearer({ give: () => ({ token: `t${++count}` }) }) }), password)
    expect(count).toBe(1)
  })
})

describe('a redirect', () => {
  test('to another origin is followed without what proves who asks', async () => {
    const storage = await startRegistry({ fault: (request, answer) => request.url === '/storage?signed=1' && reply(answer, 200, {}, 'from storage') })
    const registry = await startRegistry({ fault: (request, answer) => (request.headers.authorization === undefined ? reply(answer, 401, { 'www-authenticate': 'Basic realm="it"' }) : reply(answer, 307, { location: `${storage.origin}/storage?signed=1` })) })
    expect(await ask(registry, { credentials: async () => password })).toBe('from storage')
    expect(storage.seen.map(({ headers }) => headers.authorization)).toEqual([undefined])
  })

  test('within the registry is followed with it', async () => {
    const registry = await startRegistry({ fault: (request, answer) => (request.headers.authorization === undefined ? reply(answer, 401, { 'www-authenticate': 'Basic realm="it"' }) : request.url === '/v2/there' ? reply(answer, 200, {}, 'there') : reply(answer, 302, { location: '/v2/there' })) })
    expect(await ask(registry, { credentials: async () => password })).toBe('there')
  })

  test('away from TLS is refused, on loopback too', async () => {
    const { ca, key, cert } = await testCertificate()
    const registry = await startRegistry({ tls: { key, cert }, fault: (request, answer) => isManifest(request.url) && reply(answer, 307, { location: 'http://127.0.0.1:1/x' }) })
    await expect(ask(registry, { ca })).rejects.toMatchObject({ code: 'registry-insecure' })
  })
})

describe.skipIf(isProofMissing('openssl'))('TLS', () => {
  test('with a certificate of an authority that the caller names is spoken', async () => {
    const { ca, key, cert } = await testCertificate()
    const registry = await startRegistry({ tls: { key, cert }, fault: (request, answer) => isManifest(request.url) && reply(answer, 200, {}, 'safe') })
    expect(await ask(registry, { ca })).toBe('safe')
  })

  test.each<[string, readonly string[], boolean]>([
    ['of an unknown authority', ['IP:127.0.0.1'], false],
    ['for another name', ['DNS:registry.example'], true],
  ])('with a certificate %s is refused at once, and never given up for HTTP', async (_, names, isTrusted) => {
    const { ca, key, cert } = await testCertificate(names)
    const registry = await startRegistry({ tls: { key, cert }, fault: failing(100, (__, answer) => reply(answer, 200)) })
    await expect(ask(registry, { insecure: true, ...(isTrusted ? { ca } : {}) })).rejects.toMatchObject({ code: 'registry-unreachable' })
    expect(registry.seen).toEqual([])
  })

  test('is spoken to a registry elsewhere, through the proxy that the environment names', async () => {
    const { ca, key, cert } = await testCertificate(['DNS:registry.example'])
    const registry = await startRegistry({ tls: { key, cert }, fault: (request, answer) => isManifest(request.url) && reply(answer, 200, {}, 'through') })
    const wanted: string[] = []
    const proxy = createServer((client) => {
      client.once('data', (head) => {
        wanted.push(head.toString().split('\r\n')[0]!)
        const server = connect(Number(registry.host.split(':')[1]), '127.0.0.1', () => client.write('HTTP/1.1 200 OK\r\n\r\n'))
        server.on('error', () => client.destroy())
        client.on('error', () => server.destroy())
        server.pipe(client).pipe(server)
      })
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    onTestFinished(() => void proxy.close())
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
    vi.stubEnv('https_proxy', undefined)
    vi.stubEnv('NO_PROXY', undefined)
    vi.stubEnv('no_proxy', undefined)
    expect(await ask('registry.example', { ca })).toBe('through')
    expect(wanted[0]).toContain('CONNECT registry.example:443')
    // A registry on loopback is never asked for through the proxy.
    expect(await ask(await startRegistry({ fault: (request, answer) => isManifest(request.url) && reply(answer, 200, {}, 'direct') }))).toBe('direct')
    expect(wanted).toHaveLength(1)
  })
})

test('HTTP without TLS is spoken to no registry elsewhere unless the caller asks for it', async () => {
  const registry = await startRegistry({ fault: (request, answer) => isManifest(request.url) && reply(answer, 200, {}, 'plain') })
  const connections: string[] = []
  // Every name is this registry: a proxy that knows HTTP alone.
  const proxy = createServer((client) => {
    client.once('data', (head) => {
      connections.push(head.toString().split('\r\n')[0]!)
      const server = connect(Number(registry.host.split(':')[1]), '127.0.0.1', () => {
        if (head.toString().startsWith('CONNECT')) client.write('HTTP/1.1 200 OK\r\n\r\n')
        else server.write(head.toString().replace(/http:\/\/[^/]+/, ''))
      })
      server.on('error', () => client.destroy())
      client.on('error', () => server.destroy())
      server.pipe(client).pipe(server)
    })
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => void proxy.close())
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY']) vi.stubEnv(name, `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
  for (const name of ['http_proxy', 'https_proxy', 'NO_PROXY', 'no_proxy']) vi.stubEnv(name, undefined)
  await expect(ask('registry.example', { attempts: 1 })).rejects.toMatchObject({ code: 'registry-unreachable' })
  expect(connections.every((line) => line.startsWith('CONNECT'))).toBe(true)
  expect(await ask('registry.example', { insecure: true })).toBe('plain')
})
