import type { CallModel, LibraryModel, Shape, SinkModel } from './shape.ts'

const templateText: SinkModel = { arg: 0, kind: 'template' }
const compiles: CallModel = { sinks: [templateText], returns: 'template.function' }
const fills: CallModel = { sinks: [templateText] }
const escapes: CallModel = { derives: [0], harmless: ['html', 'xml'] }
const cleans: CallModel = { derives: [0], harmless: ['html', 'xml', 'link'] }
const converts: CallModel = { derives: [0] }
const named = (shape: Shape | string, ...names: readonly string[]): Record<string, Shape | string> => Object.fromEntries(names.map((name) => [name, shape]))
const engine = (...names: readonly string[]): Shape => ({ members: { ...named({ call: compiles }, 'compile', 'precompile', 'template'), ...named({ call: fills }, 'render', 'renderString', 'renderAsync', ...names) } })

const helper: CallModel = { callbacks: [{ arg: 1, others: 'template.value' }] }
const handlebars: Shape = {
  members: {
    ...engine().members,
    SafeString: { call: { sinks: [{ arg: 0, kind: 'html' }] }, construct: { sinks: [{ arg: 0, kind: 'html' }] } },
    registerHelper: { call: helper },
    Utils: { members: { escapeExpression: { call: escapes } } },
    escapeExpression: { call: escapes },
    create: { call: { returns: 'handlebars' } },
  },
}
const collection: Shape = { members: { escape: { call: escapes }, unescape: { call: converts }, template: { call: compiles } } }
const escaper: Shape = { call: escapes, members: { ...named({ call: escapes }, 'escape', 'encode', 'escapeHtml', 'escapeHTML', 'encodeXML', 'encodeHTML', 'escapeUTF8', 'filterXSS', 'inHTMLData', 'stripLow'), ...named({ call: converts }, 'decode', 'unescape', 'decodeHTML') } }
const cleaner: Shape = { call: cleans, members: { ...named({ call: cleans }, 'sanitize', 'sanitizeHtml', 'process', 'filterXSS') } }

/** Template engines, what turns text into markup, and what makes text harmless in it. */
export const pageMarkup: LibraryModel = {
  modules: {
    ...named('handlebars', 'handlebars', 'hbs', 'express-handlebars', 'handlebars/runtime'),
    ...named(engine(), 'ejs', 'pug', 'jade', 'nunjucks', 'eta', 'dot', 'hogan.js', 'swig', 'art-template', 'squirrelly', 'liquidjs', 'twig', 'doT', 'dustjs-linkedin', 'velocityjs'),
    mustache: { members: { render: { call: fills }, parse: { call: {} }, escape: { call: escapes } } },
    ...named(collection, 'underscore', 'lodash-es'),
    ...named({ call: escapes }, 'lodash.escape', 'lodash/escape', 'escape-html', 'html-escape', 'htmlescape', 'escape-goat', 'lodash-es/escape'),
    ...named({ call: compiles }, 'lodash.template', 'lodash/template'),
    ...named(escaper, 'he', 'entities', 'html-entities', 'ent', 'xss-filters', 'validator/lib/escape'),
    ...named(cleaner, 'dompurify', 'isomorphic-dompurify', 'sanitize-html', 'xss', 'insane', 'sanitizer', 'striptags', 'bleach', 'google-caja', 'google-caja-sanitizer', 'sanitize-caja', 'rehype-sanitize', 'ultrahtml/transformers/sanitize', 'string-strip-html'),
    '@braintree/sanitize-url': { call: { derives: [0], harmless: ['link', 'redirect'] }, members: { sanitizeUrl: { call: { derives: [0], harmless: ['link'] } } } },
    marked: { call: converts, members: { ...named({ call: converts }, 'marked', 'parse', 'parseInline') } },
    showdown: { members: { Converter: { construct: { returns: 'markdown.converter' } } } },
    snarkdown: { call: converts },
    'markdown-it': { call: { returns: 'markdown.safe' }, construct: { returns: 'markdown.safe' } },
    remarkable: { construct: { returns: 'markdown.converter' }, members: { Remarkable: { construct: { returns: 'markdown.converter' } } } },
  },
  globals: { Handlebars: 'handlebars', DOMPurify: cleaner, marked: { call: converts, members: { ...named({ call: converts }, 'parse') } }, Mustache: { members: { render: { call: fills } } }, ejs: engine(), filterXSS: { call: cleans } },
  types: {
    handlebars,
    'template.value': { source: 'content' },
    'template.function': { call: {} },
    'markdown.converter': { members: { ...named({ call: converts }, 'makeHtml', 'render') } },
    'markdown.safe': { members: { ...named({ call: { derives: [0], harmless: ['html', 'link'] } }, 'render', 'renderInline'), use: { call: { returns: 'markdown.safe' } } } },
  },
}
