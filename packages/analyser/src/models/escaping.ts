import type { CallModel, LibraryModel } from './shape.ts'
import { calls } from './text.ts'

const html: CallModel = { derives: [0], harmless: ['html'] }
const exact = (...names: readonly string[]) => calls({ guards: { arg: 0, harmless: 'all' } }, ...names)

/** Packages whose purpose is to make text harmless, or to say whether it is. */
export const escaping: LibraryModel = {
  modules: {
    'escape-html': { call: html },
    he: { members: calls(html, 'encode', 'escape') },
    'html-entities': { members: calls(html, 'encode') },
    entities: { members: calls(html, 'encode', 'escape', 'encodeXML', 'encodeHTML', 'escapeUTF8') },
    xss: { call: html, members: { filterXSS: { call: html } } },
    'sanitize-html': { call: html },
    dompurify: { call: { returns: { members: calls(html, 'sanitize') } }, members: calls(html, 'sanitize') },
    'isomorphic-dompurify': { members: calls(html, 'sanitize') },
    'xss-filters': { members: calls(html, 'inHTMLData', 'inSingleQuotedAttr', 'inDoubleQuotedAttr', 'inUnQuotedAttr', 'uriInHTMLData') },
    'escape-string-regexp': { call: { derives: [0], harmless: ['regexSource'] } },
    'sanitize-filename': { call: { derives: [0], harmless: ['path', 'module'] } },
    validator: {
      members: {
        escape: { call: html },
        ...exact('isInt', 'isNumeric', 'isUUID', 'isAlpha', 'isAlphanumeric', 'isHexadecimal', 'isMongoId', 'isIn', 'isIP', 'isFQDN', 'isBoolean', 'isDate', 'isISO8601', 'isPort', 'isSlug', 'isMACAddress', 'isFloat', 'isDecimal', 'isMD5', 'isHash', 'isCurrency', 'isCreditCard', 'isPostalCode'),
        ...calls({ derives: [0] }, 'trim', 'blacklist', 'stripLow', 'normalizeEmail'),
        ...calls({ derives: [0], harmless: 'all' }, 'toInt', 'toFloat', 'toDate', 'toBoolean'),
      },
    },
    uuid: { members: { validate: { call: { guards: { arg: 0, harmless: 'all' } } }, v4: { call: { harmless: 'all' } } } },
    slugify: { call: { derives: [0], harmless: 'all' } },
  },
}
