import type { CallModel, LibraryModel, Shape, SinkModel } from './shape.ts'

const fromBrowser: Shape = { source: 'browser' }
const returns = (type: string): Shape => ({ call: { returns: type } })
const named = (shape: Shape | string, ...names: readonly string[]): Record<string, Shape | string> => Object.fromEntries(names.map((name) => [name, shape]))

/** An address that the page goes to: another site's, or `javascript:`. */
const goes: readonly SinkModel[] = [{ arg: 0, kind: 'redirect' }, { arg: 0, kind: 'link' }]

const location: Shape = {
  assigned: 'redirect',
  members: {
    href: { source: 'browser', assigned: 'redirect' },
    ...named(fromBrowser, 'search', 'hash', 'pathname'),
    ...named({ call: { sinks: goes } }, 'assign', 'replace'),
    toString: { call: { returns: 'browser.input' } },
    ...named({}, 'origin', 'host', 'hostname', 'protocol', 'port', 'reload'),
  },
}

const document: Shape = {
  api: 'document',
  members: {
    ...named({ call: { sinks: [{ arg: 0, rest: true, kind: 'html' }] }, api: 'document.write' }, 'write', 'writeln'),
    location: 'browser.location',
    ...named(fromBrowser, 'URL', 'documentURI', 'referrer', 'baseURI'),
    cookie: { source: 'browser', api: 'document.cookie' },
    ...named(returns('dom.element'), 'createElement', 'createElementNS', 'createDocumentFragment', 'getElementById', 'querySelector', 'elementFromPoint'),
    ...named(returns('dom.elements'), 'getElementsByClassName', 'getElementsByTagName', 'getElementsByName', 'querySelectorAll'),
    ...named('dom.element', 'body', 'head', 'documentElement', 'activeElement', 'currentScript'),
    createRange: returns('dom.range'),
    createTextNode: { call: {} },
    addEventListener: { call: { callbacks: [{ arg: 1, params: ['browser.event'] }] } },
    execCommand: { call: {} },
  },
}

const storage: Shape = { members: { getItem: { call: { returns: 'browser.input' } }, ...named({ call: {}, api: 'storage.setItem' }, 'setItem', 'removeItem', 'clear'), '*': fromBrowser } }

const listens: Shape = { call: { callbacks: [{ arg: 1, params: ['browser.event'] }] }, api: 'window.addEventListener' }
const onmessage: Shape = { handler: ['browser.event'] }

const window: Shape = {
  api: 'window',
  members: {
    location: 'browser.location',
    name: fromBrowser,
    document,
    localStorage: storage,
    sessionStorage: storage,
    open: { call: { sinks: goes } },
    addEventListener: listens,
    onmessage,
    eval: { call: { sinks: [{ arg: 0, kind: 'code' }] } },
    ...named({ call: { sinks: [{ arg: 0, kind: 'code' }], callbacks: [{ arg: 0 }] } }, 'setTimeout', 'setInterval'),
    fetch: 'web.fetch',
    postMessage: { call: {}, api: 'window.postMessage' },
    ...named('jquery.factory', '$', 'jQuery'),
    ...named('window', 'top', 'parent', 'opener', 'self', 'window'),
    history: { members: { ...named({ call: {} }, 'pushState', 'replaceState', 'back', 'go'), state: fromBrowser } },
    URL: 'browser.url',
  },
}

/** What stands in an element as text: back in markup, `&lt;` has become `<`. */
const text: Shape = { source: 'content' }

/** Attributes that hold text, which whoever wrote the page has escaped: read back it is markup again. */
const textual = ['data-*', 'aria-*', 'title', 'alt', 'value', 'name', 'placeholder', 'label', 'content']

/** Requests of old, frames and elements that are not known as such. */
const telling: Shape = {
  members: { ...named(text, 'textContent', 'innerText', 'nodeValue'), ...named({ source: 'response' }, 'responseText'), ...named('jquery', '$el', '$element'), $route: 'vue.route' },
}

const element: Shape = {
  api: 'dom.element',
  members: {
    ...named({ assigned: 'html' }, 'innerHTML', 'outerHTML', 'srcdoc'),
    ...named({ assigned: 'link' }, 'href', 'action', 'formAction'),
    insertAdjacentHTML: { call: { sinks: [{ arg: 1, kind: 'html' }] } },
    setHTMLUnsafe: { call: { sinks: [{ arg: 0, kind: 'html' }] } },
    setAttribute: { call: {}, api: 'element.setAttribute' },
    getAttribute: { call: { getter: { most: 1, returns: 'dom.text', only: textual } } },
    dataset: text,
    ...named(text, 'textContent', 'innerText'),
    ...named({ call: { returns: 'dom.element', copies: [0] }, api: 'dom.insert' }, 'appendChild', 'insertBefore', 'replaceChild', 'insertAdjacentElement'),
    ...named({ call: {}, api: 'dom.insert' }, 'replaceWith', 'replaceChildren', 'before', 'after', 'prepend', 'append'),
    ...named(returns('dom.element'), 'querySelector', 'closest', 'cloneNode'),
    ...named(returns('dom.elements'), 'getElementsByTagName', 'getElementsByClassName', 'querySelectorAll'),
    ...named('dom.element', 'parentNode', 'parentElement', 'firstChild', 'lastChild', 'firstElementChild', 'lastElementChild', 'nextSibling', 'previousSibling', 'nextElementSibling', 'previousElementSibling'),
    ...named('dom.elements', 'children', 'childNodes'),
    addEventListener: { call: { callbacks: [{ arg: 1, params: ['browser.event'], self: 'dom.element' }] } },
    contentWindow: 'window',
    contentDocument: document,
    ...named({ assigned: 'html' }, 'onclick', 'onload', 'onerror'),
  },
}

const markup: CallModel = { sinks: [{ arg: 0, rest: true, kind: 'html' }], returns: 'jquery' }
const chained: CallModel = { returns: 'jquery' }
const readsText: Shape = { call: { returns: 'jquery', getter: { most: 0, returns: 'dom.text' } } }
const readsAttribute: Shape = { call: { returns: 'jquery', getter: { most: 1, returns: 'dom.text', only: textual } } }
const answers: CallModel = { sinks: [{ arg: 0, kind: 'url' }], callbacks: [{ arg: 'any', params: ['http.content'] }], returns: 'jquery.request' }
const handles: CallModel = { callbacks: [{ arg: 'any', params: ['jquery.event'], self: 'dom.element' }], returns: 'jquery' }

/** Documents, elements and jQuery. */
export const browser: LibraryModel = {
  modules: { jquery: 'jquery.factory', zepto: 'jquery.factory', cheerio: { members: { load: { call: {} } } } },
  globals: {
    window,
    ...named(window, 'self', 'globalThis', 'parent', 'top', 'opener'),
    document,
    location: 'browser.location',
    localStorage: storage,
    sessionStorage: storage,
    ...named('jquery.factory', '$', 'jQuery', 'Zepto'),
    fetch: 'web.fetch',
    addEventListener: listens,
    onmessage,
    importScripts: { call: { sinks: [{ arg: 0, rest: true, kind: 'module' }] } },
    DOMParser: { construct: { returns: 'dom.parser' } },
    Range: { construct: { returns: 'dom.range' } },
    Worker: { construct: { returns: 'web.port' } },
    BroadcastChannel: { construct: { returns: 'web.port' } },
    WebSocket: { construct: { returns: 'web.socket' } },
    EventSource: { construct: { returns: 'web.socket' } },
    XMLHttpRequest: { construct: { returns: 'web.request' } },
  },
  annotations: {
    ...named('dom.element', 'HTMLElement', 'Element', 'HTMLDivElement', 'HTMLSpanElement', 'HTMLAnchorElement', 'HTMLIFrameElement', 'ShadowRoot', 'SVGElement') as Record<string, string>,
    ...named('dom.input', 'HTMLInputElement', 'HTMLTextAreaElement') as Record<string, string>,
    MessageEvent: 'browser.event',
    JQuery: 'jquery',
    Location: 'browser.location',
  },
  types: {
    window,
    fields: telling,
    handlers: { members: { onmessage } },
    'browser.location': location,
    'browser.input': fromBrowser,
    'browser.url': { construct: { derives: [0, 1] }, call: { derives: [0] }, members: { createObjectURL: { call: {} } } },
    'browser.event': { members: { data: { source: 'message' }, origin: { api: 'event.origin' }, source: {}, target: 'dom.input', currentTarget: 'dom.input', originalEvent: 'browser.event', ...named({}, 'preventDefault', 'stopPropagation', 'key', 'keyCode', 'type') } },
    'web.fetch': { call: { sinks: [{ arg: 0, kind: 'url' }], returns: 'web.response' }, api: 'fetch' },
    'web.response': { members: { ...named(returns('http.content'), 'json', 'text'), clone: returns('web.response'), ...named({}, 'ok', 'status', 'headers') } },
    'web.port': { members: { onmessage, addEventListener: listens, postMessage: { call: {} }, terminate: { call: {} } } },
    'web.socket': { members: { onmessage, addEventListener: listens, send: { call: {} }, close: { call: {} } } },
    'web.request': { members: { ...named({ source: 'response' }, 'responseText', 'response', 'responseXML'), open: { call: { sinks: [{ arg: 1, kind: 'url' }] } }, ...named({ call: {} }, 'send', 'setRequestHeader', 'getResponseHeader', 'abort'), addEventListener: { call: { callbacks: [{ arg: 1 }] } } } },
    'dom.text': text,
    'dom.element': element,
    'dom.input': { ...element, members: { ...element.members, value: text } },
    'dom.elements': { members: { '*': 'dom.element', item: returns('dom.element'), length: {}, forEach: { call: { callbacks: [{ arg: 0, params: ['dom.element'] }] } } } },
    'dom.range': { members: { createContextualFragment: { call: { sinks: [{ arg: 0, kind: 'html' }], returns: 'dom.element' } }, '*': { call: {} } } },
    'dom.parser': { members: { parseFromString: { call: { derives: [0], returns: 'dom.parsed' } } } },
    'dom.parsed': {
      api: 'dom.parsed',
      members: {
        ...named('dom.parsed', 'documentElement', 'body', 'firstChild', 'lastChild', 'firstElementChild', 'children', 'childNodes', '*'),
        ...named({ call: { copies: [-1] } }, 'cloneNode', 'importNode', 'adoptNode'),
        ...named({ call: { derives: [-1], returns: 'dom.parsed' } }, 'querySelector', 'getElementById', 'getElementsByTagName', 'querySelectorAll', 'item'),
        ...named({ source: 'content', assigned: 'html' }, 'textContent', 'innerText'),
        ...named({ call: {} }, 'removeChild', 'setAttribute', 'removeAttribute', 'getAttribute', 'hasAttribute', 'remove', 'createElement', 'createElementNS'),
      },
    },
    'jquery.factory': {
      call: { sinks: [{ arg: 0, kind: 'html' }], returns: 'jquery', callbacks: [{ arg: 0, params: ['jquery.factory'] }] },
      api: 'jquery',
      members: {
        parseHTML: { call: { sinks: [{ arg: 0, kind: 'html' }] } },
        extend: { call: { merges: 0 }, api: 'jquery.extend' },
        ...named({ call: { ...answers, sinks: [{ arg: 0, kind: 'url' }, { arg: 0, field: 'url', kind: 'url' }] } }, 'ajax'),
        ...named({ call: answers }, 'get', 'post', 'getJSON'),
        fn: { api: 'jquery.fn', members: { extend: { call: { merges: 0 } } } },
        globalEval: { call: { sinks: [{ arg: 0, kind: 'code' }] } },
        each: 'jquery.each',
        map: { call: { callbacks: [{ arg: 1, receives: 0, gives: 'elements' }] } },
        trim: { call: { derives: [0] } },
        proxy: { call: { copies: [0] } },
        ...named({ call: { derives: [0] } }, 'parseJSON', 'makeArray'),
        ...named({ call: {} }, 'param', 'isArray', 'isFunction', 'isPlainObject', 'inArray', 'type', 'noop', 'contains', 'data', 'removeData'),
      },
    },
    'jquery.event': { members: { originalEvent: 'browser.event', target: 'dom.input', currentTarget: 'dom.input', data: {}, ...named({}, 'preventDefault', 'stopPropagation', 'which', 'keyCode') } },
    'jquery.request': { members: { ...named({ call: { callbacks: [{ arg: 0, params: ['http.content'] }], returns: 'jquery.request' } }, 'done', 'success', 'then', 'always', 'complete'), ...named({ call: { callbacks: [{ arg: 0 }], returns: 'jquery.request' } }, 'fail', 'error', 'catch') } },
    jquery: {
      api: 'jquery.collection',
      members: {
        ...named({ call: markup }, 'html', 'append', 'prepend', 'after', 'before', 'replaceWith', 'wrap', 'wrapAll', 'wrapInner'),
        ...named({ call: { returns: 'jquery' } }, 'appendTo', 'prependTo', 'insertAfter', 'insertBefore', 'replaceAll'),
        ...named(readsText, 'text', 'val'),
        ...named(readsAttribute, 'attr', 'prop'),
        find: { call: { returns: 'jquery', sinks: [] } },
        each: { call: { callbacks: [{ arg: 0, params: [undefined, 'dom.element'], self: 'dom.element' }], returns: 'jquery' } },
        map: { call: { callbacks: [{ arg: 0, params: [undefined, 'dom.element'], self: 'dom.element', gives: 'elements' }] } },
        ...named({ call: handles }, 'on', 'one', 'bind', 'live', 'delegate', 'click', 'change', 'keyup', 'keydown', 'keypress', 'submit', 'focus', 'blur', 'input', 'hover', 'mouseenter', 'mouseleave', 'mouseover'),
        ready: { call: { callbacks: [{ arg: 0, params: ['jquery.factory'] }] } },
        get: { call: { returns: 'dom.element' } },
        ...named({ call: {} }, 'is', 'hasClass', 'width', 'height', 'outerWidth', 'outerHeight', 'offset', 'position', 'index', 'scrollTop', 'serialize', 'toArray'),
        '0': 'dom.element',
        length: {},
        '*': { call: chained },
      },
    },
  },
}
