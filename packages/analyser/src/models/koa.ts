import type { CallModel, LibraryModel } from './shape.ts'
import { calls, each, requestText } from './text.ts'

const handler: CallModel = { callbacks: [{ arg: 'any', params: ['koa.context'], self: 'koa.context' }], returns: 'koa.app', validated: 'koa.checkedContext' }

/** Koa and its routers. Its query is text, its body may be anything. */
export const koa: LibraryModel = {
  modules: { 'koa-joi-router': { call: { returns: 'koa.app' }, construct: { returns: 'koa.app' } }, 'koa-route': { members: calls({ callbacks: [{ arg: 1, params: ['koa.context', 'http.text', 'http.text'] }] }, 'get', 'post', 'put', 'delete', 'all', 'patch') } },
  types: {
    'koa.app': { members: { ...calls(handler, 'get', 'post', 'put', 'patch', 'delete', 'del', 'all', 'use', 'head', 'register'), param: { call: { callbacks: [{ arg: 1, params: ['http.text', 'koa.context'] }], returns: 'koa.app' } }, prefix: { call: { returns: 'koa.app' } }, allowedMethods: { call: {} } } },
    'koa.context': {
      members: {
        ...each(requestText, 'query', 'params', 'path', 'url', 'originalUrl', 'querystring', 'headers', 'header', 'hostname', 'host', 'href', 'search'),
        request: 'koa.request',
        response: 'koa.response',
        get: { call: { returns: 'http.text' } },
        attachment: { call: {} },
        state: { api: 'request.locals' },
      },
    },
    'koa.checkedContext': { members: { request: { members: { body: {}, query: {} } }, query: {}, params: {} } },
    'koa.request': { members: { ...each(requestText, 'query', 'params', 'path', 'url', 'originalUrl', 'querystring', 'headers', 'header', 'hostname', 'host', 'href', 'search'), ...each({ source: 'request' }, 'body', 'rawBody', 'files', 'fields'), get: { call: { returns: 'http.text' } } } },
    'koa.response': { members: { body: { assigned: 'html' }, redirect: { call: { sinks: [{ arg: 0, kind: 'redirect' }] } }, set: { call: { sinks: [{ arg: 1, kind: 'header' }] } } } },
  },
  annotations: { ParameterizedContext: 'koa.context', 'Koa.ParameterizedContext': 'koa.context', 'Router.RouterContext': 'koa.context', RouterContext: 'koa.context', 'Koa.Middleware': 'koa.middleware' },
}
