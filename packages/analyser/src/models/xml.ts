import type { CallModel, LibraryModel, Shape } from './shape.ts'
import { calls } from './text.ts'

/** libxml replaces entities only where it is told to; then a document can read files and addresses, and grow without end. */
const parses: CallModel = { sinks: ['noent', 'replaceEntities', 'dtdload'].map((when) => ({ arg: 0, kind: 'xml', when })), returns: 'xml.document' }
const libxml: Shape = { members: { ...calls(parses, 'parseXml', 'parseXmlString', 'parseXmlAsync', 'parseHtml', 'parseHtmlString', 'fromXml'), SaxParser: { construct: {} } } }

/** Parsers of XML. Most do not know external entities; those that do are told to by an option. */
export const xml: LibraryModel = {
  modules: {
    libxmljs: libxml,
    libxmljs2: libxml,
    'libxmljs-mt': libxml,
    libxml: libxml,
    'libxml2-wasm': { members: { XmlDocument: { members: { fromString: { call: parses }, fromBuffer: { call: parses } } } } },
    libxslt: { members: { parse: { call: { sinks: [{ arg: 0, kind: 'xml' }] } } } },
    'node-expat': { members: { Parser: { construct: {} } } },
    xml2js: { members: { parseString: { call: { derives: [0], callbacks: [{ arg: -1, params: [undefined] }] } }, parseStringPromise: { call: { derives: [0] } } } },
    'fast-xml-parser': { members: { XMLParser: { construct: { returns: { members: { parse: { call: { derives: [0] } } } } } }, parse: { call: { derives: [0] } } } },
  },
}
