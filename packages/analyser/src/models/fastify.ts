import type { CallModel, LibraryModel } from './shape.ts'
import { calls, each, requestText } from './text.ts'

const params = ['fastify.request', 'fastify.reply'] as const
const handler: CallModel = { callbacks: [{ arg: 'any', params }, { arg: 'any', field: '*', params }, { arg: 'any', field: 'preHandler.*', params }], returns: 'fastify.app', validated: 'http.checkedRequest' }

/** Fastify: routes by verb and as objects, hooks, plugins; a text that it sends is `text/plain` unless a type says otherwise. */
export const fastify: LibraryModel = {
  types: {
    'fastify.app': {
      members: {
        ...calls(handler, 'get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'all', 'route', 'addHook', 'setNotFoundHandler'),
        setErrorHandler: { call: { callbacks: [{ arg: 0, params: [undefined, ...params] }], returns: 'fastify.app' } },
        withTypeProvider: { call: { returns: 'fastify.app' } },
        decorate: { call: {} },
        pg: 'sql.client',
        mysql: 'sql.client',
        mongo: { members: { db: 'mongo.db', client: 'mongo.client' } },
      },
    },
    'fastify.request': {
      members: {
        ...each(requestText, 'query', 'params', 'headers', 'url', 'originalUrl', 'hostname', 'host'),
        body: { source: 'request' },
        cookies: requestText,
        raw: 'http.request',
        file: { call: { returns: 'http.input' } },
        files: { call: { returns: 'http.input' } },
        parts: { call: { returns: 'http.input' } },
      },
    },
    'fastify.reply': {
      members: {
        send: { call: { sinks: [{ arg: 0, kind: 'html', isMarkup: true }], returns: 'fastify.reply' }, api: 'response.send' },
        ...calls({ returns: 'fastify.reply' }, 'status', 'code', 'clearCookie'),
        cookie: { call: { returns: 'fastify.reply' }, api: 'response.cookie' },
        setCookie: { call: { returns: 'fastify.reply' }, api: 'response.cookie' },
        type: { call: { returns: 'fastify.typed' } },
        header: { call: { sinks: [{ arg: 1, kind: 'header' }], returns: 'fastify.reply' }, api: 'response.setHeader' },
        headers: { call: { returns: 'fastify.reply' } },
        redirect: { call: { sinks: [{ arg: 0, kind: 'redirect' }, { arg: 1, kind: 'redirect' }] }, api: 'response.redirect' },
        sendFile: { call: {}, api: 'reply.sendFile' },
        raw: 'http.response',
      },
    },
    'fastify.typed': { members: { send: { call: { sinks: [{ arg: 0, kind: 'html' }], returns: 'fastify.reply' }, api: 'response.send' }, ...calls({ returns: 'fastify.typed' }, 'status', 'code', 'header') } },
  },
  modules: { 'fastify-plugin': { call: { copies: [0], callbacks: [{ arg: 0, params: ['fastify.app'] }] }, members: { default: { call: { copies: [0], callbacks: [{ arg: 0, params: ['fastify.app'] }] } } } } },
  // Plugins that are loaded by where they lie.
  entries: [{ path: /(?:^|\/)(?:routes|plugins|modules|api)\/.*\.[cm]?[jt]s$/, exports: /^default$/, params: ['fastify.app'], named: /^(?:fastify|app|server|instance)$/ }],
  annotations: { FastifyRequest: 'fastify.request', FastifyReply: 'fastify.reply', FastifyInstance: 'fastify.app' },
}
