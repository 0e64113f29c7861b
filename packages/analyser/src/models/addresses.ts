import type { KindName } from '../kinds.ts'
import type { CallModel, LibraryModel, Shape } from './shape.ts'
import { each } from './text.ts'

const parses: CallModel = { derives: [0, 1], returns: 'url.parsed', harmless: ['nosql', 'record'] }
const part = (...harmless: readonly KindName[]): Shape => ({ harmless })

/** What the parts of a parsed address can still do: all but the host begin where the host has ended. */
export const addresses: LibraryModel = {
  modules: { url: { members: { URL: { construct: parses } } }, 'whatwg-url': { members: { URL: { construct: parses } } } },
  globals: { URL: { construct: parses } },
  types: {
    'url.parsed': { members: { pathname: part('url'), ...each(part('path', 'module', 'html', 'header', 'log'), 'hostname', 'host'), ...each(part('url', 'redirect'), 'search', 'hash', 'port', 'protocol') } },
  },
}
