import type { CallModel, LibraryModel, Shape } from './shape.ts'

const fromBrowser: Shape = { source: 'browser' }
const element: CallModel = { returns: 'dom.element' }
const markup: CallModel = { sinks: [{ arg: 0, rest: true, kind: 'html' }], returns: 'jquery' }

const location: Shape = {
  assigned: 'redirect',
  members: {
    href: { source: 'browser', assigned: 'redirect' },
    search: fromBrowser,
    hash: fromBrowser,
    pathname: fromBrowser,
    assign: { call: { sinks: [{ arg: 0, kind: 'redirect' }] } },
    replace: { call: { sinks: [{ arg: 0, kind: 'redirect' }] } },
    toString: { call: { returns: 'browser.input' } },
  },
}

const document: Shape = {
  api: 'document',
  members: {
    write: { call: { sinks: [{ arg: 0, rest: true, kind: 'html' }] }, api: 'document.write' },
    writeln: { call: { sinks: [{ arg: 0, rest: true, kind: 'html' }] } },
    location: 'browser.location',
    URL: fromBrowser,
    documentURI: fromBrowser,
    referrer: fromBrowser,
    cookie: { source: 'browser', api: 'document.cookie' },
    createElement: { call: element },
    getElementById: { call: element },
    querySelector: { call: element },
    getElementsByClassName: { call: {} },
    body: 'dom.element',
    head: 'dom.element',
    documentElement: 'dom.element',
  },
}

const storage: Shape = { members: { getItem: { call: { returns: 'browser.input' } }, setItem: { call: {}, api: 'storage.setItem' }, '*': fromBrowser } }

const window: Shape = {
  members: {
    location: 'browser.location',
    name: fromBrowser,
    document,
    localStorage: storage,
    sessionStorage: storage,
    open: { call: { sinks: [{ arg: 0, kind: 'redirect' }] } },
    addEventListener: { call: { callbacks: [{ arg: 1, params: ['browser.event'] }] }, api: 'window.addEventListener' },
    eval: { call: { sinks: [{ arg: 0, kind: 'code' }] } },
    setTimeout: { call: { sinks: [{ arg: 0, kind: 'code' }], callbacks: [{ arg: 0 }] } },
    setInterval: { call: { sinks: [{ arg: 0, kind: 'code' }], callbacks: [{ arg: 0 }] } },
    fetch: 'web.fetch',
    postMessage: { call: {}, api: 'window.postMessage' },
    $: 'jquery.factory',
    jQuery: 'jquery.factory',
  },
}

const chained: CallModel = { returns: 'jquery' }

/** Documents, elements and jQuery. */
export const browser: LibraryModel = {
  modules: { jquery: 'jquery.factory' },
  globals: { window, self: window, document, location: 'browser.location', localStorage: storage, sessionStorage: storage, $: 'jquery.factory', jQuery: 'jquery.factory', fetch: 'web.fetch', addEventListener: window.members!['addEventListener']! },
  types: {
    'browser.location': location,
    'browser.input': fromBrowser,
    'browser.event': { members: { data: { source: 'message' }, origin: { api: 'event.origin' }, source: {} } },
    'web.fetch': { call: { sinks: [{ arg: 0, kind: 'url' }], returns: 'web.response' }, api: 'fetch' },
    'web.response': { members: { json: { call: { returns: 'http.content' } }, text: { call: { returns: 'http.content' } } } },
    'dom.element': {
      members: {
        innerHTML: { assigned: 'html' },
        outerHTML: { assigned: 'html' },
        insertAdjacentHTML: { call: { sinks: [{ arg: 1, kind: 'html' }] } },
        setAttribute: { call: {}, api: 'element.setAttribute' },
        appendChild: { call: element },
        querySelector: { call: element },
      },
    },
    'jquery.factory': {
      call: { sinks: [{ arg: 0, kind: 'html' }], returns: 'jquery', callbacks: [{ arg: 0 }] },
      api: 'jquery',
      members: { parseHTML: { call: {} }, extend: { call: { merges: 0 }, api: 'jquery.extend' }, ajax: { call: { sinks: [{ arg: 0, field: 'url', kind: 'url' }] } }, get: { call: {} }, fn: { members: { extend: { call: { merges: 0 } } } }, globalEval: { call: { sinks: [{ arg: 0, kind: 'code' }] } }, each: 'jquery.each', trim: { call: { derives: [0] } } },
    },
    jquery: {
      api: 'jquery.collection',
      members: {
        html: { call: markup },
        append: { call: markup },
        prepend: { call: markup },
        after: { call: markup },
        before: { call: markup },
        replaceWith: { call: markup },
        wrap: { call: markup },
        wrapInner: { call: markup },
        appendTo: { call: markup },
        insertAfter: { call: markup },
        insertBefore: { call: markup },
        text: { call: chained },
        attr: { call: chained },
        find: { call: { returns: 'jquery', sinks: [] } },
        val: { call: {} },
        each: { call: { callbacks: [{ arg: 0 }], returns: 'jquery' } },
        on: { call: { callbacks: [{ arg: -1 }], returns: 'jquery' } },
        click: { call: { callbacks: [{ arg: 0 }], returns: 'jquery' } },
        ready: { call: { callbacks: [{ arg: 0 }] } },
        '*': { call: chained },
      },
    },
  },
}
