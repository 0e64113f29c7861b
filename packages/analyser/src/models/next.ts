import type { EntryModel, LibraryModel, Shape } from './shape.ts'
import { requestText } from './text.ts'

const response: Shape = { call: {}, construct: { sinks: [{ arg: 0, kind: 'html', isMarkup: true }] }, members: { redirect: { call: { sinks: [{ arg: 0, kind: 'redirect' }] } }, json: { call: {} }, rewrite: { call: { sinks: [{ arg: 0, kind: 'url' }] } }, next: { call: {} } } }
const redirect: Shape = { call: { sinks: [{ arg: 0, kind: 'redirect' }] } }
const code = '\\.[cm]?[jt]sx?$'
const entry = (path: string, exports: string, params: EntryModel['params'], more: Partial<EntryModel> = {}): EntryModel => ({ path: new RegExp(path + code), exports: new RegExp(`^(?:${exports})$`), params, ...more })

const loader: Shape = { members: { request: 'http.request', params: requestText, url: requestText, cookies: {} } }

const h3Functions: Record<string, Shape> = {
  defineEventHandler: { call: { copies: [0] } },
  eventHandler: { call: { copies: [0] } },
  getQuery: { call: { returns: 'http.input' } },
  readBody: { call: { returns: 'http.input' } },
  getRouterParam: { call: { returns: 'http.text' } },
  getRouterParams: { call: { returns: 'http.text' } },
  getHeader: { call: { returns: 'http.text' } },
  getCookie: { call: { returns: 'http.text' } },
  getRequestURL: { call: { returns: 'http.text' } },
  readMultipartFormData: { call: { returns: 'http.input' } },
  readFormData: { call: { returns: 'http.text' } },
  sendRedirect: { call: { sinks: [{ arg: 1, kind: 'redirect' }] } },
}

/** Frameworks that call functions because of the file that exports them: Next, SvelteKit, Remix, Astro, Nuxt, workers. */
export const next: LibraryModel = {
  modules: {
    'next/server': { members: { NextResponse: response } },
    'next/navigation': { members: { redirect, permanentRedirect: redirect, useSearchParams: { call: { returns: 'browser.input' } } } },
    'next/headers': { members: { headers: { call: { returns: 'http.text' } }, cookies: { call: { returns: 'http.text' } } } },
    '@remix-run/node': { members: { redirect } },
    '@sveltejs/kit': { members: { redirect: { call: { sinks: [{ arg: 1, kind: 'redirect' }] } } } },
    h3: 'h3',
  },
  // Nuxt's are there without an import.
  globals: { Response: response, ...h3Functions },
  types: {
    h3: { members: h3Functions },
    'web.loader': loader,
    'next.route': { members: { params: requestText } },
    'next.page': { members: { params: requestText, searchParams: requestText } },
    'next.props': { members: { params: requestText, query: requestText, req: 'http.request', resolvedUrl: requestText } },
  },
  annotations: { GetServerSidePropsContext: 'next.props', LoaderFunctionArgs: 'web.loader', ActionFunctionArgs: 'web.loader', RequestEvent: 'web.loader', APIContext: 'web.loader' },
  entries: [
    entry('(?:^|/)pages/api/.*', 'default', ['http.request', 'http.response']),
    entry('(?:^|/)app/(?:.*/)?route', 'GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS', ['http.request', 'next.route']),
    entry('(?:^|/)app/(?:.*/)?(?:page|layout)', 'default|generateMetadata', ['next.page']),
    entry('(?:^|/)pages/.*', 'getServerSideProps|getInitialProps', ['next.props']),
    entry('(?:^|/)middleware', 'middleware|default', ['http.request']),
    entry('(?:^|/)(?:app/)?routes/.*', 'loader|action', [loader]),
    entry('(?:^|/)\\+server', 'GET|POST|PUT|PATCH|DELETE|fallback', [loader]),
    entry('(?:^|/)\\+(?:page|layout)\\.server', 'load', [loader]),
    entry('(?:^|/)pages/(?:.*/)?[^/]+', 'GET|POST|PUT|PATCH|DELETE|ALL', [loader]),
    entry('.*', '.*', [{ source: 'request' }, { source: 'request' }, { source: 'request' }], { directive: 'use server' }),
  ],
}

