import type { CallModel, LibraryModel } from './shape.ts'
import { calls, requestText } from './text.ts'

const handler: CallModel = { callbacks: [{ arg: 'any', params: ['hono.context'] }], returns: 'hono.app', validated: 'hono.checkedContext' }
const text: CallModel = { returns: 'http.text' }

/** Hono, also in what is made with its factory. */
export const hono: LibraryModel = {
  modules: { 'hono/tiny': { members: { Hono: { construct: { returns: 'hono.app' } } } }, 'hono/quick': { members: { Hono: { construct: { returns: 'hono.app' } } } }, '@hono/zod-openapi': { members: { OpenAPIHono: { construct: { returns: 'hono.app' } } } }, 'hono/factory': { members: { createFactory: { call: { returns: 'hono.factory' } }, createMiddleware: { call: { callbacks: [{ arg: 0, params: ['hono.context'] }], copies: [0] } } } }, 'hono/html': { members: { raw: { call: { sinks: [{ arg: 0, kind: 'html' }] } } } } },
  types: {
    'hono.app': { members: { ...calls(handler, 'get', 'post', 'put', 'patch', 'delete', 'options', 'all', 'use', 'on', 'notFound', 'openapi', 'basePath', 'route'), onError: { call: { callbacks: [{ arg: 0, params: [undefined, 'hono.context'] }], returns: 'hono.app' } } } },
    'hono.factory': { members: { ...calls({ callbacks: [{ arg: 'any', params: ['hono.context'] }] }, 'createHandlers', 'createMiddleware'), createApp: { call: { returns: 'hono.app' } } } },
    'hono.checkedContext': { members: { req: { members: { valid: { call: { returns: {} } } } } } },
    'hono.context': {
      api: 'hono.context',
      members: {
        var: { api: 'hono.var' },
        req: {
          members: {
            ...calls(text, 'param', 'query', 'queries', 'header', 'text'),
            url: requestText,
            path: requestText,
            valid: { call: { returns: 'http.text' } },
            raw: 'http.request',
            formData: { call: text },
            arrayBuffer: { call: { returns: 'http.input' } },
          },
        },
        body: { call: { sinks: [{ arg: 0, kind: 'html', isMarkup: true }] } },
        text: { call: {} },
        json: { call: {} },
        status: { call: {} },
      },
    },
  },
  annotations: { 'hono.Context': 'hono.context' },
}
