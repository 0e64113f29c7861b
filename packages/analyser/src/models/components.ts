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
    'component.prop': handed,
    'editor.entity': { members: { getData: { call: { returns: 'component.prop' } }, data: handed } },
  },
  annotations: { 'component.prop': 'component.prop' },
}
