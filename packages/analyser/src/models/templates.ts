import type { CallModel, LibraryModel, Shape } from './shape.ts'
import { calls, each } from './text.ts'

const compiles: CallModel = { sinks: [{ arg: 0, kind: 'template' }] }
const engine = (...names: readonly string[]): Shape => ({ members: calls(compiles, ...names) })
const environment: Shape = { members: { ...calls(compiles, 'renderString', 'from_string', 'compile'), addFilter: { call: {} }, render: { call: {} } } }

/** Template engines whose templates are code: text of a user's must not become one. Mustache and its like only fill in. */
export const templates: LibraryModel = {
  modules: {
    ...each(engine('render', 'compile'), 'ejs', 'pug', 'jade', 'swig', 'swig-templates', 'dustjs-linkedin', 'template7', 'art-template', 'velocityjs', 'marko', 'hamljs'),
    handlebars: { members: { ...calls(compiles, 'compile', 'precompile'), SafeString: { construct: { sinks: [{ arg: 0, kind: 'html' }] } } } },
    'express-handlebars': {},
    nunjucks: { members: { ...calls(compiles, 'renderString', 'compile'), configure: { call: { returns: environment } }, Environment: { construct: { returns: environment } }, Template: { construct: compiles } } },
    'lodash.template': { call: compiles },
    dot: engine('template', 'compile'),
    doT: engine('template', 'compile'),
    eta: { members: { ...calls(compiles, 'render', 'renderString', 'compile'), Eta: { construct: { returns: { members: calls(compiles, 'renderString', 'renderStringAsync', 'compile') } } } } },
    liquidjs: { members: { Liquid: { construct: { returns: { members: {} } } } } },
    squirrelly: engine('render', 'compile'),
    'hogan.js': { members: {} },
    vm2: { members: { VM: { construct: { returns: { members: calls({ sinks: [{ arg: 0, kind: 'code' }] }, 'run') } } }, NodeVM: { construct: { returns: { members: calls({ sinks: [{ arg: 0, kind: 'code' }] }, 'run') } } }, VMScript: { construct: { sinks: [{ arg: 0, kind: 'code' }] } } } },
    'safe-eval': { call: { sinks: [{ arg: 0, kind: 'code' }] } },
    notevil: { call: { sinks: [{ arg: 0, kind: 'code' }] } },
    'static-eval': { call: { sinks: [{ arg: 0, kind: 'code' }] } },
    mathjs: { members: calls({ sinks: [{ arg: 0, kind: 'code' }] }, 'eval') },
    'expression-eval': { members: calls({ sinks: [{ arg: 0, kind: 'code' }] }, 'eval') },
    'node-serialize': { members: calls({ sinks: [{ arg: 0, kind: 'deserialise' }] }, 'unserialize') },
    'serialize-to-js': { members: calls({ sinks: [{ arg: 0, kind: 'deserialise' }] }, 'deserialize', 'deserializeUnsafe') },
    funcster: { members: calls({ sinks: [{ arg: 0, kind: 'deserialise' }] }, 'deepDeserialize', 'deserialize') },
    cryo: { members: calls({ sinks: [{ arg: 0, kind: 'deserialise' }] }, 'parse') },
    'js-yaml': { members: { unsafeLoad: { call: { sinks: [{ arg: 0, kind: 'deserialise' }] } } } },
    yaml: { members: { parse: { call: { derives: [0] } } } },
    qs: { members: { parse: { call: { derives: [0] } }, stringify: { call: { derives: [0], harmless: ['url', 'redirect', 'html', 'command', 'sql', 'path', 'header', 'log'] } } } },
  },
  // What a template puts into a page without escaping it (`model/templates`).
  globals: { $$html: { call: { sinks: [{ arg: 0, kind: 'html' }] } }, $$json: { call: { sinks: [{ arg: 0, kind: 'html' }, { arg: 0, field: '**', kind: 'html' }] } }, $$link: { call: { sinks: [{ arg: 0, kind: 'link' }] } } },
}
