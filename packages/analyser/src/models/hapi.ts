import type { CallModel, LibraryModel } from './shape.ts'
import { calls, each } from './text.ts'

const routes: CallModel = { callbacks: [{ arg: 0, field: '*', params: ['http.request', 'hapi.toolkit'] }, { arg: 0, field: '*.*', params: ['http.request', 'hapi.toolkit'] }], validated: 'http.checkedRequest' }
const elysia: CallModel = { callbacks: [{ arg: 'any', params: ['elysia.context'] }], returns: 'elysia.app', validated: 'elysia.checked' }

/** hapi and Elysia. */
export const hapi: LibraryModel = {
  modules: {
    '@hapi/hapi': { members: { server: { call: { returns: 'hapi.server' } }, Server: { construct: { returns: 'hapi.server' } } } },
    hapi: { members: { server: { call: { returns: 'hapi.server' } }, Server: { construct: { returns: 'hapi.server' } } } },
    elysia: { members: { Elysia: { construct: { returns: 'elysia.app' } }, t: 'schema.builder' } },
  },
  types: {
    'hapi.server': { members: { route: { call: routes }, ext: { call: { callbacks: [{ arg: 1, params: ['http.request', 'hapi.toolkit'] }] } }, register: { call: {} } } },
    'hapi.toolkit': { members: { response: { call: { sinks: [{ arg: 0, kind: 'html', isMarkup: true }], returns: 'hapi.toolkit' } }, redirect: { call: { sinks: [{ arg: 0, kind: 'redirect' }] } }, file: { call: { sinks: [{ arg: 0, kind: 'path' }] } } } },
    'http.request': { members: { payload: { source: 'request' } } },
    'elysia.app': { members: { ...calls(elysia, 'get', 'post', 'put', 'patch', 'delete', 'all', 'onBeforeHandle', 'derive', 'resolve'), use: { call: { returns: 'elysia.app' } }, group: { call: { callbacks: [{ arg: 1, params: ['elysia.app'] }], returns: 'elysia.app' } }, listen: { call: {} }, decorate: { call: { returns: 'elysia.app' } } } },
    'elysia.context': { members: { query: 'http.text', params: 'http.text', headers: 'http.text', body: 'http.input', path: 'http.text', request: 'http.request', redirect: { call: { sinks: [{ arg: 0, kind: 'redirect' }] } } } },
    'elysia.checked': { members: each({}, 'body', 'query', 'params', 'headers') },
  },
  annotations: { 'Hapi.Request': 'http.request', 'Hapi.ResponseToolkit': 'hapi.toolkit', ResponseToolkit: 'hapi.toolkit' },
}
