import type { LibraryModel, Shape } from './shape.ts'

const navigates: Shape = { call: { sinks: [{ arg: 0, kind: 'redirect' }] } }
const handed: Shape = { source: 'content' }

/** What components of React, Vue and editors are handed, and routers that hand them the address. */
export const components: LibraryModel = {
  modules: {
    'react-router': { members: { useParams: { call: { returns: 'browser.input' } }, useLocation: { call: { returns: 'browser.location' } }, useSearchParams: { call: { returns: 'router.search' } } } },
    'react-router-dom': { members: { useParams: { call: { returns: 'browser.input' } }, useLocation: { call: { returns: 'browser.location' } }, useSearchParams: { call: { returns: 'router.search' } } } },
    'next/navigation': { members: { useSearchParams: { call: { returns: 'browser.input' } }, useParams: { call: { returns: 'browser.input' } }, redirect: navigates, permanentRedirect: navigates } },
    'next/router': { members: { useRouter: { call: { returns: 'next.router' } } } },
    '@angular/core': { members: { inject: { call: { copies: [0], instantiates: 0 } } } },
    '@angular/router': { members: { ActivatedRoute: 'angular.route' } },
    '@angular/common/http': { members: { HttpClient: 'angular.http' } },
    vue: {
      members: {
        ...Object.fromEntries(['ref', 'shallowRef', 'reactive', 'toRef', 'toRefs', 'unref', 'readonly', 'defineComponent'].map((name): [string, Shape] => [name, { call: { copies: [0] } }])),
        computed: { call: { callbacks: [{ arg: 0, gives: 'result' }] } },
        h: { call: {} },
      },
    },
    'vue-router': { members: { useRoute: { call: { returns: 'vue.route' } } } },
    '@sveltejs/kit': { members: { redirect: { call: { sinks: [{ arg: 1, kind: 'redirect' }] } } } },
    '@remix-run/node': { members: { redirect: navigates } },
  },
  globals: { defineProps: { call: { returns: 'component.props' } }, useRoute: { call: { returns: 'vue.route' } } },
  types: {
    'component.props': { members: { '*': 'component.prop' } },
    'router.search': { members: { '0': 'browser.input' } },
    'next.router': { members: { query: { source: 'browser' }, asPath: { source: 'browser' }, push: { call: {} }, replace: { call: {} } } },
    'vue.route': { members: { query: { source: 'browser' }, params: { source: 'browser' }, hash: { source: 'browser' }, fullPath: { source: 'browser' } } },
    'angular.snapshot': { members: Object.fromEntries(['queryParams', 'params', 'queryParamMap', 'paramMap', 'fragment', 'url'].map((name): [string, Shape] => [name, { source: 'browser' }])) },
    'angular.route': { members: { snapshot: 'angular.snapshot', ...Object.fromEntries(['queryParams', 'params', 'queryParamMap', 'paramMap', 'fragment'].map((name): [string, string] => [name, 'angular.addresses'])) } },
    'angular.addresses': { members: { subscribe: { call: { callbacks: [{ arg: 0, params: ['browser.input'] }] } }, pipe: { call: { callbacks: [{ arg: 'any', params: ['browser.input'] }], returns: 'angular.addresses' } } } },
    'angular.http': { members: Object.fromEntries(['get', 'post', 'put', 'patch', 'delete', 'request'].map((name): [string, Shape] => [name, { call: { sinks: [{ arg: 0, kind: 'url' }], returns: 'angular.answers' } }])) },
    'angular.answers': { members: { subscribe: { call: { callbacks: [{ arg: 0, params: ['http.content'] }] } }, pipe: { call: { returns: 'angular.answers' } }, toPromise: { call: { returns: 'http.content' } } } },
    'component.prop': handed,
    'editor.entity': { members: { getData: { call: { returns: 'component.prop' } }, data: handed } },
  },
  annotations: { 'component.prop': 'component.prop', ActivatedRoute: 'angular.route', ActivatedRouteSnapshot: 'angular.snapshot', HttpClient: 'angular.http' },
}
