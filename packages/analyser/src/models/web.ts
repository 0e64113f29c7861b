import type { CallModel, LibraryModel, Shape } from './shape.ts'

const untrustedRequest: Shape = { source: 'request' }
const handler: CallModel = { callbacks: [{ arg: 'any', params: ['http.request', 'http.response'] }], returns: 'express.app' }
const verbs = (call: CallModel): Record<string, Shape> => Object.fromEntries(['get', 'post', 'put', 'patch', 'delete', 'del', 'head', 'options', 'all', 'use', 'route', 'param'].map((name) => [name, { call, api: `express.${name}` }]))
const sends: CallModel = { sinks: [{ arg: 0, kind: 'html' }], returns: 'http.response' }
const contextHandler: CallModel = { callbacks: [{ arg: 'any', params: ['koa.context'] }], returns: 'koa.app' }
const honoHandler: CallModel = { callbacks: [{ arg: 'any', params: ['hono.context'] }], returns: 'hono.app' }
const fastifyHandler: CallModel = { callbacks: [{ arg: 'any', params: ['http.request', 'http.response'] }], returns: 'fastify.app' }

/** Requests, responses and the frameworks that hand them to a service. */
export const web: LibraryModel = {
  modules: {
    express: { call: { returns: 'express.app' }, members: { Router: { call: { returns: 'express.app' } }, static: { call: { sinks: [] }, api: 'express.static' }, json: { call: {}, api: 'express.json' } }, api: 'express' },
    koa: { construct: { returns: 'koa.app' }, call: { returns: 'koa.app' } },
    'koa-router': { construct: { returns: 'koa.app' }, call: { returns: 'koa.app' } },
    '@koa/router': { construct: { returns: 'koa.app' }, call: { returns: 'koa.app' } },
    hono: { members: { Hono: { construct: { returns: 'hono.app' } } } },
    fastify: { call: { returns: 'fastify.app' }, members: { fastify: { call: { returns: 'fastify.app' } } } },
    restify: { members: { createServer: { call: { returns: 'express.app' } } } },
    connect: { call: { returns: 'express.app' } },
    router: { call: { returns: 'express.app' } },
    'next/server': { members: { NextResponse: { members: { redirect: { call: { sinks: [{ arg: 0, kind: 'redirect' }] } } } } } },
  },
  annotations: {
    Request: 'http.request',
    'express.Request': 'http.request',
    Response: 'http.response',
    'express.Response': 'http.response',
    IncomingMessage: 'http.request',
    'http.IncomingMessage': 'http.request',
    ServerResponse: 'http.response',
    'http.ServerResponse': 'http.response',
    NextApiRequest: 'http.request',
    NextApiResponse: 'http.response',
    NextRequest: 'http.request',
    FastifyRequest: 'http.request',
    FastifyReply: 'http.response',
    'Koa.Context': 'koa.context',
    Context: 'koa.context',
  },
  types: {
    'express.app': { members: { ...verbs(handler), listen: { call: { callbacks: [{ arg: -1 }] }, api: 'server.listen' }, render: { call: {} }, set: { call: {}, api: 'express.set' }, engine: { call: {} } } },
    'fastify.app': {
      members: {
        ...verbs(fastifyHandler),
        route: { call: {} },
        addHook: { call: fastifyHandler },
        register: { call: { callbacks: [{ arg: 0, params: ['fastify.app'] }], returns: 'fastify.app' } },
        listen: { call: {}, api: 'server.listen' },
      },
    },
    'koa.app': { members: { ...verbs(contextHandler), listen: { call: {}, api: 'server.listen' }, routes: { call: {} } } },
    'koa.context': {
      members: { request: 'http.request', req: 'http.request', res: 'http.response', response: 'http.response', query: untrustedRequest, params: untrustedRequest, path: untrustedRequest, url: untrustedRequest, originalUrl: untrustedRequest, querystring: untrustedRequest, headers: untrustedRequest, hostname: untrustedRequest, cookies: { members: { get: { call: { returns: 'http.input' } } } }, redirect: { call: { sinks: [{ arg: 0, kind: 'redirect' }] } }, body: { assigned: 'html' }, set: { call: { sinks: [{ arg: 1, kind: 'header' }] } }, get: { call: { returns: 'http.input' } }, render: { call: {} } },
    },
    'hono.app': { members: verbs(honoHandler) },
    'hono.context': {
      members: {
        req: { members: { param: { call: { returns: 'http.input' } }, query: { call: { returns: 'http.input' } }, queries: { call: { returns: 'http.input' } }, header: { call: { returns: 'http.input' } }, json: { call: { returns: 'http.input' } }, text: { call: { returns: 'http.input' } }, parseBody: { call: { returns: 'http.input' } }, formData: { call: { returns: 'http.input' } }, url: untrustedRequest, path: untrustedRequest } },
        html: { call: { sinks: [{ arg: 0, kind: 'html' }] } },
        redirect: { call: { sinks: [{ arg: 0, kind: 'redirect' }] } },
        header: { call: { sinks: [{ arg: 1, kind: 'header' }] } },
      },
    },
    'http.input': untrustedRequest,
    'http.request': {
      api: 'http.request',
      members: {
        query: untrustedRequest,
        params: untrustedRequest,
        body: untrustedRequest,
        rawBody: untrustedRequest,
        url: untrustedRequest,
        originalUrl: untrustedRequest,
        path: untrustedRequest,
        headers: untrustedRequest,
        cookies: untrustedRequest,
        signedCookies: untrustedRequest,
        hostname: untrustedRequest,
        host: untrustedRequest,
        subdomains: untrustedRequest,
        files: untrustedRequest,
        file: untrustedRequest,
        nextUrl: untrustedRequest,
        param: { call: { returns: 'http.input' } },
        get: { call: { returns: 'http.input' } },
        header: { call: { returns: 'http.input' } },
        json: { call: { returns: 'http.input' } },
        text: { call: { returns: 'http.input' } },
        formData: { call: { returns: 'http.input' } },
        getQuery: { call: { returns: 'http.input' } },
        href: { call: { returns: 'http.input' } },
        on: { call: { callbacks: [{ arg: 1, params: ['http.input'] }] } },
        req: 'http.request',
        raw: 'http.request',
      },
    },
    'http.response': {
      api: 'http.response',
      members: {
        send: { call: sends, api: 'response.send' },
        end: { call: sends, api: 'response.end' },
        write: { call: sends, api: 'response.write' },
        json: { call: {}, api: 'response.json' },
        status: { call: { returns: 'http.response' } },
        type: { call: { returns: 'http.response' } },
        code: { call: { returns: 'http.response' } },
        redirect: { call: { sinks: [{ arg: 0, kind: 'redirect' }, { arg: 1, kind: 'redirect' }] }, api: 'response.redirect' },
        location: { call: { sinks: [{ arg: 0, kind: 'redirect' }], returns: 'http.response' } },
        sendFile: { call: { sinks: [{ arg: 0, kind: 'path', unless: 'root' }] }, api: 'response.sendFile' },
        sendfile: { call: { sinks: [{ arg: 0, kind: 'path', unless: 'root' }] }, api: 'response.sendFile' },
        download: { call: { sinks: [{ arg: 0, kind: 'path', unless: 'root' }] } },
        setHeader: { call: { sinks: [{ arg: 1, kind: 'header' }], returns: 'http.response' }, api: 'response.setHeader' },
        header: { call: { sinks: [{ arg: 1, kind: 'header' }], returns: 'http.response' }, api: 'response.setHeader' },
        set: { call: { sinks: [{ arg: 1, kind: 'header' }], returns: 'http.response' }, api: 'response.setHeader' },
        writeHead: { call: { sinks: [{ arg: 1, field: 'Location', kind: 'redirect' }, { arg: 1, field: 'location', kind: 'redirect' }], returns: 'http.response' }, api: 'response.writeHead' },
        render: { call: {}, api: 'response.render' },
        cookie: { call: { returns: 'http.response' }, api: 'response.cookie' },
        clearCookie: { call: { returns: 'http.response' } },
        raw: 'http.response',
        res: 'http.response',
      },
    },
  },
}
