import type { CallModel, LibraryModel, Shape, SinkModel } from './shape.ts'
import { calls } from './text.ts'

const addressFields = ['url', 'uri', 'baseURL', 'baseUrl', 'prefixUrl', 'host', 'hostname']
const addressOf = (arg: number): SinkModel[] => [{ arg, kind: 'url' }, ...addressFields.map((field): SinkModel => ({ arg, field, kind: 'url' }))]
const optionsOf = (arg: number): SinkModel[] => addressFields.map((field) => ({ arg, field, kind: 'url', isExact: true }))

const verbs = ['get', 'post', 'put', 'patch', 'delete', 'del', 'head', 'options', 'stream', 'jar']
/** Options are the second argument, or, where that is the body, the third. */
const client = (returns: string, options: number): CallModel => ({ sinks: [...addressOf(0), ...optionsOf(options)], returns, callbacks: [{ arg: -1, params: [undefined, 'http.answer', 'http.content'] }] })
const answer = client('http.answer', 1)
const sends = client('http.answer', 2)
const fetches: CallModel = { sinks: [{ arg: 0, kind: 'url' }], returns: 'web.response' }
const fetchShape: Shape = { call: fetches, api: 'fetch', members: { default: { call: fetches }, fetch: { call: fetches } } }

const axios: Shape = {
  call: answer,
  members: { ...calls(answer, ...verbs, 'request', 'getUri'), ...calls(sends, 'post', 'put', 'patch', 'postForm', 'putForm', 'patchForm'), create: { call: { sinks: optionsOf(0), returns: 'axios' } }, default: 'axios', Axios: { construct: { returns: 'axios' } } },
}

const got: Shape = { call: answer, members: { ...calls(answer, ...verbs, 'paginate'), extend: { call: { sinks: optionsOf(0), returns: 'got' } }, got: 'got', create: { call: { returns: 'got' } }, defaults: { call: { returns: 'request' } } } }
const superagent: Shape = { call: { sinks: [{ arg: 0, kind: 'url' }, { arg: 1, kind: 'url' }], returns: 'superagent.request' }, members: { ...calls({ sinks: [{ arg: 0, kind: 'url' }], returns: 'superagent.request', callbacks: [{ arg: -1, params: [undefined, 'http.answer'] }] }, ...verbs), agent: { call: { returns: 'superagent' } } } }

/** Of `request(method, address, options)` the address is the second argument. */
const wreckClient: Record<string, Shape> = { ...calls({ ...answer, returns: 'wreck.answer' }, ...verbs), request: { call: { sinks: [...addressOf(1), ...optionsOf(2)], returns: 'http.answer' } }, read: { call: { returns: 'http.content' } } }
const wreck: Shape = { members: { ...wreckClient, defaults: { call: { sinks: optionsOf(0), returns: { members: wreckClient } } } } }

/** Clients for HTTP: the address that they request, and what they answer with. */
export const httpClients: LibraryModel = {
  modules: {
    axios: 'axios',
    got: 'got',
    ky: 'got',
    'ky-universal': 'got',
    request: 'request',
    'request-promise': 'request',
    'request-promise-native': 'request',
    '@cypress/request': 'request',
    postman_request: 'request',
    requestretry: 'request',
    'node-fetch': fetchShape,
    'cross-fetch': fetchShape,
    'isomorphic-fetch': fetchShape,
    'isomorphic-unfetch': fetchShape,
    'make-fetch-happen': fetchShape,
    'undici-fetch': fetchShape,
    ofetch: { members: { ofetch: fetchShape, $fetch: fetchShape } },
    undici: { members: { fetch: fetchShape, request: { call: { sinks: addressOf(0), returns: 'http.answer' } }, stream: { call: { sinks: addressOf(0) } }, pipeline: { call: { sinks: addressOf(0) } }, connect: { call: { sinks: addressOf(0) } }, Client: { construct: { sinks: [{ arg: 0, kind: 'url' }] } }, Pool: { construct: { sinks: [{ arg: 0, kind: 'url' }] } } } },
    superagent: 'superagent',
    needle: { call: { sinks: [{ arg: 1, kind: 'url' }], returns: 'http.answer', callbacks: [{ arg: -1, params: [undefined, 'http.answer', 'http.content'] }] }, members: calls(answer, ...verbs, 'request') },
    '@hapi/wreck': wreck,
    wreck,
    phin: { call: answer },
    bent: { call: { returns: fetchShape } },
    wretch: { call: { sinks: [{ arg: 0, kind: 'url' }] } },
    urllib: { members: { request: { call: answer }, curl: { call: answer } } },
    'follow-redirects': { members: { http: 'http.module', https: 'http.module' } },
    'simple-get': { call: answer, members: { concat: { call: answer } } },
    'download-file': { call: { sinks: [{ arg: 0, kind: 'url' }] } },
    download: { call: { sinks: [{ arg: 0, kind: 'url' }] } },
  },
  globals: { axios: 'axios' },
  types: {
    axios,
    got,
    request: { call: answer, members: { ...calls(answer, ...verbs), defaults: { call: { sinks: optionsOf(0), returns: 'request' } } } },
    superagent,
    'superagent.request': { members: { end: { call: { callbacks: [{ arg: 0, params: [undefined, 'http.answer'] }] } }, ...calls({ callbacks: [{ arg: 0, params: ['http.answer'] }] }, 'then'), '*': { call: { returns: 'superagent.request' } } } },
    'http.answer': { members: { data: 'http.content', body: 'http.content', text: 'http.content', rawBody: 'http.content', json: { call: { returns: 'http.content' } }, headers: {} } },
    'wreck.answer': { members: { payload: 'http.content', res: 'http.answer' } },
    'http.module': { members: { get: { call: answer }, request: { call: answer } } },
    'nest.http': { members: { ...calls({ ...answer, returns: 'nest.observable' }, ...verbs, 'request'), ...calls({ ...sends, returns: 'nest.observable' }, 'post', 'put', 'patch'), axiosRef: 'axios' } },
    'nest.observable': { members: { pipe: { call: {} }, subscribe: { call: { callbacks: [{ arg: 0, params: ['http.answer'] }] } } } },
    'browser.page': { members: { goto: { call: { sinks: [{ arg: 0, kind: 'url' }] } } } },
  },
  annotations: { HttpService: 'nest.http', AxiosInstance: 'axios', 'axios.AxiosInstance': 'axios', Got: 'got', 'puppeteer.Page': 'browser.page' },
}
