import { kindsOf, kinds, type Kinds } from '../kinds.ts'
import type { Expression } from './ast.ts'
import { bare } from './ast.ts'
import type { Builder, Span } from './builder.ts'
import { edgeKinds } from './file-model.ts'

/** A part of joined text. */
export interface Part {
  readonly node: number
  readonly constant?: string
  /** Its name says that it is the address of a host: `location.origin`, `baseUrl`. */
  readonly isHost?: boolean
  /** It begins with a slash, a question mark or `#`: behind a host it cannot change that. */
  readonly isRooted?: boolean
}

/** What a part is, whose value is `node`. */
export function part(b: Builder, ast: Expression, node: number): Part {
  const value = b.constants.get(node)
  if (value !== undefined && value !== null) return { node, constant: String(value) }
  const target = bare(ast)
  const name = target.type === 'Identifier' ? target.name : target.type === 'MemberExpression' && !target.computed ? target.property.name : ''
  return { node, isHost: /(?:origin|(?:base|root|site|server)_?(?:url|uri))$/i.test(name), isRooted: isRooted(ast) }
}

/** What the platform calls the path, the query and the fragment of an address, by the names that it gives them. */
function isRooted(ast: Expression): boolean {
  const node = bare(ast)
  if (node.type === 'Identifier') return node.name === 'pathname'
  if (node.type !== 'MemberExpression' || node.computed) return false
  const object = bare(node.object)
  const owner = object.type === 'Identifier' ? object.name : object.type === 'MemberExpression' && !object.computed ? object.property.name : ''
  return node.property.name === 'pathname' || (/^(?:path|originalUrl)$/.test(node.property.name) && /^(?:req|request|ctx|context)$/.test(owner)) || (/^(?:search|hash)$/.test(node.property.name) && /(?:location|url)$/i.test(owner))
}

/** Joined text. What stands before an untrusted part decides what it can still change of an address or a path. */
export function concatenation(b: Builder, parts: readonly Part[], at: Span): number {
  if (parts.every(({ constant }) => constant !== undefined)) return b.constant(at, parts.map(({ constant }) => constant).join('').slice(0, 4096))
  const result = b.node(at)
  const prefix = parts[0]?.constant
  if (prefix) b.prefixes.push([result, prefix])
  const [first, ...rest] = parts
  if (first && first.constant === undefined && rest.every(({ constant }) => constant !== undefined && !/\.\.|[\\/:@]/.test(constant))) b.extend(first.node, result, keptBehind)
  let before = ''
  let isFirst = true
  for (const { node, constant, isHost, isRooted: rooted } of parts) {
    if (constant !== undefined) before += constant
    else {
      b.edge(node, result, edgeKinds.derive, harmlessBehind(before, isFirst) | (rooted && before !== '' ? kindsOf('url', 'redirect') : 0))
      isFirst = false
      // What follows a host is its path: that it starts with a slash is taken on trust.
      before += isHost ? `${before === '' ? 'http://' : ''}host/` : '\0'
    }
  }
  return result
}

/** What a check of the text before such an ending says of the whole as well. */
const keptBehind: Kinds = kindsOf('path', 'url', 'redirect', 'link', 'module')

function harmlessBehind(before: string, isFirst: boolean): Kinds {
  const record = kindsOf('record', 'prototype', 'nosql')
  if (before === '' || !isFirst) {
    if (before === '') return record
  }
  const known = before.replace(/^.*\0(?=[^\0]*$)/s, '')
  // Nothing that follows can be its scheme.
  let harmless = record | kinds.argument | kinds.link
  // Behind a host and a slash, or a question mark, it is a path or a query of that host.
  if (/^(?:[a-z][\w+.-]*:)?\/\/[^/?#\0]+[/?#]/i.test(before)) harmless |= kindsOf('url', 'redirect')
  else if (before.includes('\0') && /[?#]|\/[^/]*\//.test(known)) harmless |= kindsOf('url', 'redirect')
  else if (/^[^:]*[?#]/.test(before) || /^\/[^/\\\0]/.test(before)) harmless |= kindsOf('url', 'redirect')
  if (/^\.?\/?[\w-]+\/$/.test(before)) harmless |= kinds.module
  if (before !== '') harmless |= kindsOf('key', 'method') & (/[\w-]$/.test(before) || before.includes('\0') ? -1 : 0)
  return harmless
}
