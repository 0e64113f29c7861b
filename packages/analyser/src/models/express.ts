import type { CallModel, LibraryModel } from './shape.ts'
import { calls, each, requestText, textOnly } from './text.ts'

const handler: CallModel = { callbacks: [{ arg: 'any', params: ['http.request', 'http.response'] }, { arg: 'any', field: '*', params: ['http.request', 'http.response'] }], returns: 'express.app', validated: 'http.checkedRequest' }
const parameter: CallModel = { callbacks: [{ arg: 1, params: ['http.request', 'http.response', undefined, 'http.text'] }], returns: 'express.app' }

/** Express, and what servers made in its image have; parsers and uploads that put their results into its request. */
export const express: LibraryModel = {
  modules: {
    'express-promise-router': { call: { returns: 'express.app' }, construct: { returns: 'express.app' } },
    polka: { call: { returns: 'express.app' } },
    'find-my-way': { call: { returns: 'express.app' } },
    'express-async-handler': { call: { copies: [0], callbacks: [{ arg: 0, params: ['http.request', 'http.response'] }] } },
    'http-errors': { call: {} },
    formidable: { call: { returns: 'formidable' }, construct: { returns: 'formidable' }, members: { IncomingForm: { construct: { returns: 'formidable' } }, formidable: { call: { returns: 'formidable' } } } },
    busboy: { call: { returns: 'busboy' }, construct: { returns: 'busboy' } },
    multiparty: { members: { Form: { construct: { returns: 'formidable' } } } },
    'express-validator': { members: each({ call: { returns: 'validator.chain' } }, 'body', 'check', 'param', 'query', 'checkSchema', 'oneOf', 'header', 'cookie') },
    cookie: { members: { parse: { call: { derives: [0] } }, serialize: { call: { derives: [1] } } } },
  },
  types: {
    'http.text': requestText,
    'express.app': {
      members: {
        ...calls(handler, 'get', 'post', 'put', 'patch', 'delete', 'del', 'head', 'options', 'all', 'use', 'search', 'propfind', 'mkcol'),
        param: { call: parameter },
        route: { call: { returns: 'express.app' } },
        router: 'express.app',
        // `app[method](path, handler)` of a table of routes.
        '[]': { call: handler },
        server: 'http.server',
        locals: { api: 'request.locals' },
      },
    },
    'http.request': {
      members: {
        // What the router, cookies and headers hold is text; a query or a body may hold objects.
        ...each(requestText, 'params', 'headers', 'url', 'originalUrl', 'path', 'hostname', 'host', 'subdomains', 'pathname', 'querystring', 'uri', 'rawBody', 'nextUrl', 'ip', 'ips', 'protocol'),
        get: { call: { returns: 'http.text' } },
        header: { call: { returns: 'http.text' } },
        // `req[part]`, and the chunks of its body.
        '[]': { source: 'request' },
        // A line of a request and its headers hold no line breaks.
        ...each({ source: 'request', harmless: [...textOnly, 'log', 'header'] }, 'url', 'originalUrl', 'path', 'headers', 'hostname', 'host'),
        // Where the router is mounted: it begins with what the program wrote there.
        baseUrl: { source: 'request', harmless: [...textOnly, 'redirect', 'url', 'link'] },
        ip: {},
        protocol: {},
      },
    },
    'http.checkedRequest': { members: each({}, 'body', 'query', 'params', 'headers', 'payload') },
    'http.response': { members: { locals: { api: 'request.locals' }, render: { call: { sinks: [{ arg: 0, kind: 'path' }, { arg: 1, kind: 'record' }] }, api: 'response.render' }, attachment: { call: { returns: 'http.response' } }, jsonp: { call: {} }, append: { call: { sinks: [{ arg: 1, kind: 'header' }], returns: 'http.response' } }, sendStatus: { call: {} }, format: { call: { callbacks: [{ arg: 0, field: '*' }] } } } },
    'validator.chain': { api: 'request.validation', members: { '*': { call: { returns: 'validator.chain' } } } },
    formidable: { members: { parse: { call: { callbacks: [{ arg: 1, params: [undefined, 'http.input', 'http.input'] }], returns: 'http.input' } }, on: { call: { callbacks: [{ arg: 1, params: ['http.input', 'http.input'] }], returns: 'formidable' } } } },
    busboy: { members: { on: { call: { callbacks: [{ arg: 1, params: ['http.text', 'http.input', 'http.input'] }], returns: 'busboy' } } } },
  },
  annotations: {
    'Express.Multer.File': 'http.input',
    'Multer.File': 'http.input',
    'express.Router': 'express.app',
    Router: 'express.app',
    'express.Application': 'express.app',
    Application: 'express.app',
    'express.Express': 'express.app',
    Express: 'express.app',
    Http2ServerRequest: 'http.request',
    Http2ServerResponse: 'http.response',
    'http2.Http2ServerRequest': 'http.request',
    'http2.Http2ServerResponse': 'http.response',
  },
}

