import { all, kinds, kindsOf, leadsElsewhere, type Kinds } from '../kinds.ts'
import type { Expression } from './ast.ts'
import { bare, termsOf, type Logical } from './ast.ts'
import type { Builder } from './builder.ts'
import { elementsOf, type Guard } from './file-model.ts'
import { expression } from './expressions.ts'
import { harmlessAfterMatch } from '../flow/charset.ts'
import { constantOf, eachExtension, isNothing, methodOf, nameOf, rebind, refineExpression, silently, type Call } from './refinements.ts'

/** What follows for the values in a condition where it came out as `holds`: they are refined in the current branch. */
export function assume(b: Builder, condition: Expression, holds: boolean): void {
  const isOutermost = b.assumed === 0
  b.assumed += 1
  b.assumedInAll += 1
  // Of what alternates between `&&` and `||` the ways double with each of them. What is not looked at is not taken for checked.
  if (b.assumed <= mostAssumed && b.assumedInAll <= mostAssumedInAll) assumeOne(b, condition, holds)
  else b.cut('conditions')
  if (isOutermost) b.assumed = 0
}

/** Terms of one condition that are looked at, each time that it is asked what follows from it, and of all of a file. */
const mostAssumed = 2000
const mostAssumedInAll = 1_000_000

function assumeOne(b: Builder, condition: Expression, holds: boolean): void {
  const test = bare(condition)
  if (test.end - test.start < 200 && development.test(b.text.slice(test.start, test.end))) b.env.isInDevelopment = true
  switch (test.type) {
    case 'Identifier':
    case 'MemberExpression':
      if (!holds) refineExpression(b, test, all)
      else if (test.type === 'MemberExpression' && test.computed && isConstantTable(test.object)) unlessUntrusted(b, silently(b, test.object), () => refineExpression(b, test.property as Expression, all & ~namesOfObjects))
      if (test.type === 'Identifier') assumeNamed(b, test, holds)
      return
    case 'AwaitExpression': {
      const before = b.isAwaited
      b.isAwaited = true
      assume(b, test.argument, holds)
      b.isAwaited = before
      return
    }
    case 'UnaryExpression':
      if (test.operator === '!') assume(b, test.argument, !holds)
      else if (test.operator === '~') assumeFound(b, bare(test.argument), holds)
      return
    case 'LogicalExpression':
      if (test.operator === '??') return
      return assumeTerms(b, test, holds)
    case 'SequenceExpression':
      assume(b, test.expressions.at(-1)!, holds)
      return
    case 'AssignmentExpression':
      if (test.operator === '=') {
        assume(b, test.right, holds)
        if (!holds && test.left.type !== 'ObjectPattern' && test.left.type !== 'ArrayPattern') refineExpression(b, test.left as Expression, all)
      }
      return
    case 'BinaryExpression':
      if (test.left.type === 'PrivateIdentifier') return
      assumeComparison(b, test as typeof test & { left: Expression }, holds)
      return
    case 'CallExpression':
      assumeCall(b, test, holds)
      return
  }
}

/** What every object has, `constructor`, is in any table. */
const namesOfObjects = kindsOf('key', 'method')

/** What `body` finds out holds only where `value`, which something was compared with, is not untrusted itself. */
function unlessUntrusted(b: Builder, value: number | undefined, body: () => void): void {
  if (value === undefined || b.constants.has(value)) body()
  else b.decidedBy({ call: -1, arg: -1, holds: 'truthy', unless: value }, body)
}

/** `const isRight = check(x)`: what follows from the name follows from what it was given, as long as `x` is what it was. */
function assumeNamed(b: Builder, name: Extract<Expression, { type: 'Identifier' }>, holds: boolean): void {
  const value = silently(b, name)
  if (value === undefined) return
  if (holds) b.env.places.set(`true:${value}`, value)
  const condition = b.conditionOf.get(value)
  const originOf = (node: number | undefined) => (node === undefined ? undefined : (b.filtered.get(node)?.origin ?? node))
  if (condition?.variables.every(([variable, was]) => originOf(b.env.get(variable)) === originOf(was))) assume(b, condition.test, holds)
}

function assumeTerms(b: Builder, test: Logical, holds: boolean): void {
  const terms = termsOf(test)
  if ((test.operator === '&&') === holds) {
    for (const term of terms) assume(b, term, holds)
    return
  }
  const from = (index: number) => {
    const term = terms[index]!
    if (index === terms.length - 1) return assume(b, term, holds)
    const left = b.branch(() => assume(b, term, holds))
    const right = b.branch(() => {
      assume(b, term, !holds)
      from(index + 1)
    })
    b.merge([left, right], test)
  }
  from(0)
  if (test.operator === '&&') for (const term of terms) assumeNames(b, term)
}

/**
 * `if (isStrict && name === '__proto__') throw …`: who looks for such names knows what they do, and what stands beside it says
 * when they do it (an option, the type of what is there). Taken at its word.
 */
function assumeNames(b: Builder, term: Expression): void {
  const test = bare(term)
  if (test.type === 'LogicalExpression') {
    if (test.operator === '||') for (const inner of [test.left, test.right]) assumeNames(b, inner)
    return
  }
  if (test.type === 'CallExpression' ? !/proto|unsafe|danger|forbid|illegal|reserved|blacklist|blocked|pollut|includes|indexOf|has|some|test/i.test(methodOf(test)) : test.type !== 'BinaryExpression') return
  const before = b.subject
  b.subject &= kinds.key
  assume(b, test, false)
  b.subject = before
}
const development = /NODE_ENV|\bis_?dev|develop|\bdebug\b|\bprod(?:uction)?\b|isProd|\b(?:show|expose|include|print)\w*(?:Stack|Trace)/i

type Comparison = Extract<Expression, { type: 'BinaryExpression' }> & { left: Expression }

function assumeComparison(b: Builder, test: Comparison, holds: boolean): void {
  const left = bare(test.left)
  const right = bare(test.right)
  switch (test.operator) {
    case '===':
    case '==':
    case '!==':
    case '!=': {
      const isEqual = (test.operator === '===' || test.operator === '==') === holds
      assumeEqual(b, left, right, isEqual)
      assumeEqual(b, right, left, isEqual)
      return
    }
    case 'in':
      if (holds) unlessUntrusted(b, silently(b, right), () => refineExpression(b, left, all & ~namesOfObjects))
      return
    case '<':
    case '<=':
    case '>':
    case '>=':
      assumeOrder(b, left, right, test.operator.startsWith('<') ? 'below' : 'above', test.operator.length === 1, holds)
      return
  }
}

function assumeEqual(b: Builder, side: Expression, other: Expression, isEqual: boolean): void {
  if (side.type === 'UnaryExpression' && side.operator === 'typeof') {
    const type = constantOf(b, other)
    if (typeof type === 'string' && isEqual) refineExpression(b, bare(side.argument), harmlessType[type] ?? 0)
    else if (type === 'number') refineExpression(b, bare(side.argument), kinds.allocation)
    const measured = bare(side.argument)
    if (type === 'function' && isEqual && measured.type === 'MemberExpression' && measured.computed) refineExpression(b, measured.property as Expression, kinds.method)
    return
  }
  const value = constantOf(b, other)
  if (value !== undefined) {
    if (isEqual && isLength(side)) return refineExpression(b, bare(side.object), kindsOf('regexInput', 'allocation'))
    if (isEqual && value !== '' && !isNothing(other)) refineExpression(b, side, all)
    else if (isEqual) refineExpression(b, side, all)
    else if (value === '/' || value === '\\') refineSecond(b, side)
    else if (typeof value === 'string') refineExpression(b, side, value === '__proto__' || value === 'constructor' || value === 'prototype' ? kinds.key : 0)
    // x.indexOf('..') === -1, x.lastIndexOf(root, 0) === 0
    if (side.type === 'CallExpression' && isSearch(side)) {
      if (value === -1) assumeFound(b, side, !isEqual)
      else if (value === 0) assumePrefix(b, side, isEqual)
    }
    return
  }
  if (isEqual && side.type === 'MemberExpression' && /^(?:origin|source|host|hostname)$/.test(nameOf(side))) unlessUntrusted(b, silently(b, other), () => refineExpression(b, side, all))
  // `target[key] !== Object.prototype`
  if (!isEqual && other.type === 'MemberExpression' && !other.computed && other.property.name === 'prototype' && nameOf(bare(other.object)) === 'Object') {
    refineExpression(b, side, kinds.prototype)
    if (side.type === 'MemberExpression' && side.computed) refineExpression(b, side.property as Expression, kinds.key)
  }
  // Compared with a value that is not constant: an entry of a table, a secret. Equal to what is trusted it is trusted.
  if (isEqual && side.type === 'CallExpression' && /^(?:slice|substr|substring)$/.test(methodOf(side)) && side.arguments[0]?.type === 'Literal' && side.arguments[0].value === 0) assumePrefix(b, { ...side, arguments: [other] }, true)
  if (isEqual && (other.type === 'MemberExpression' || other.type === 'Identifier')) unlessUntrusted(b, silently(b, other), () => refineExpression(b, side, all))
}

/** `to[1] !== '/'`, `to.charAt(1) !== '/'`: it does not start with two slashes, another host's address. */
function refineSecond(b: Builder, side: Expression): void {
  const [text, index] =
    side.type === 'MemberExpression' && side.computed ? [side.object, constantOf(b, bare(side.property))] : side.type === 'CallExpression' && side.callee.type === 'MemberExpression' && methodOf(side) === 'charAt' && side.arguments[0]?.type === 'Literal' ? [side.callee.object, side.arguments[0].value] : []
  if (text && index === 1) refineExpression(b, bare(text), kinds.redirect)
}

/** `path.indexOf('..') < 0`, `name.length > 100`. */
function assumeOrder(b: Builder, left: Expression, right: Expression, order: 'below' | 'above', isStrict: boolean, holds: boolean): void {
  const limit = constantOf(b, right)
  if (left.type === 'CallExpression' && isSearch(left) && (limit === -1 || limit === 0)) {
    // `> 0` misses what is found at the very start: then nothing follows from its being false.
    if (order === 'above' ? holds || !(isStrict && limit === 0) : true) assumeFound(b, left, (order === 'above') === holds)
    return
  }
  const [measured, isBounded] = isLength(left) ? [left, (order === 'below') === holds] : isLength(right) ? [right, (order === 'above') === holds] : [undefined, false]
  if (measured && isBounded) refineExpression(b, bare(measured.object), kindsOf('regexInput', 'allocation'))
  else if (!measured) {
    if ((order === 'below') === holds) refineExpression(b, left, kinds.allocation)
    if ((order === 'above') === holds) refineExpression(b, right, kinds.allocation)
  }
}

const isLength = (node: Expression): node is Extract<Expression, { type: 'MemberExpression' }> => node.type === 'MemberExpression' && !node.computed && node.property.name === 'length'

const isSearch = (call: Call): boolean => ['indexOf', 'lastIndexOf', 'search', 'findIndex'].includes(methodOf(call))

/** A search within the text: what it lacks or has is known afterwards. */
function assumeFound(b: Builder, node: Expression, isFound: boolean): void {
  if (node.type !== 'CallExpression') return
  const target = bare(node.callee)
  const [argument] = node.arguments
  if (target.type !== 'MemberExpression' || !argument || argument.type === 'SpreadElement') return
  const needle = bare(argument)
  const receiver = bare(target.object)
  const value = constantOf(b, needle)
  if (typeof value === 'string') {
    if (!isFound) refineExpression(b, receiver, harmlessWithout(value))
  } else if (methodOf(node) === 'search') assumeMatch(b, needle, receiver, isFound)
  else {
    assumeListed(b, node, receiver, needle, isFound)
    // `full.indexOf(root) > -1`: in a path that is resolved a directory's name stands at the beginning or nowhere.
    if (isFound && (needle.type === 'Identifier' || needle.type === 'MemberExpression')) unlessUntrusted(b, silently(b, needle), () => refineExpression(b, receiver, leadsElsewhere))
  }
}

/** In a list that the program made it is one of its entries; not in a list of names that lead to prototypes it is none of these. */
function assumeListed(b: Builder, call: Call, list: Expression, item: Expression, isFound: boolean): void {
  if (isFound) {
    const receiver = b.calls[b.siteOf(call)]?.receiver ?? -1
    return unlessUntrusted(b, receiver < 0 ? silently(b, list) : receiver, () => refineExpression(b, item, all))
  }
  const node = list.type === 'ArrayExpression' ? expression(b, list) : silently(b, list)
  const texts = node === undefined ? undefined : b.listOf.get(node)
  if (texts?.includes('__proto__')) refineExpression(b, item, kinds.key)
}

/** `path.startsWith(root)`: kept below a place, or on a host. */
function assumePrefix(b: Builder, call: Call, holds: boolean): void {
  const target = bare(call.callee)
  const [argument] = call.arguments
  if (target.type !== 'MemberExpression' || !argument || argument.type === 'SpreadElement') return
  const receiver = bare(target.object)
  const prefix = constantOf(b, bare(argument))
  if (typeof prefix !== 'string') {
    if (holds) unlessUntrusted(b, b.calls[b.siteOf(call)]?.args[0] ?? silently(b, bare(argument)), () => refineExpression(b, receiver, leadsElsewhere | kindsOf('module', 'url', 'redirect')))
    return
  }
  if (holds) refineExpression(b, receiver, prefix.startsWith('.') ? 0 : (/^(?!javascript|data|vbscript)\w[\w+.-]*:?|^[/#?]/i.test(prefix) ? kinds.link : 0) | (/^[\w+.-]+:\/\/[^/?#]+[/?#]/.test(prefix) ? kindsOf('url', 'redirect') : 0) | (prefix.startsWith('-') ? 0 : kinds.argument) | (/^\.?\/?[^/.]/.test(prefix) && !prefix.includes(':') ? leadsElsewhere | kinds.redirect : 0))
  else refineExpression(b, receiver, prefix.startsWith('..') ? kinds.path : prefix === '//' ? kinds.redirect : /^javascript:?$/i.test(prefix) ? kinds.link : prefix === '-' ? kinds.argument : prefix === '__' ? kinds.key : 0)
}

/** What a text cannot do that lacks `needle`. */
function harmlessWithout(needle: string): Kinds {
  if (needle.includes('..') || needle === '/' || needle === '.' || needle === '\\') return kindsOf('path', 'module') | (needle === '/' ? kindsOf('redirect', 'url') : 0)
  if (/^javascript:?$/i.test(needle)) return kinds.link
  if (needle === '<') return kinds.html
  if (needle === ':') return kinds.link
  if (needle === '__proto__' || needle === 'prototype' || needle === '__') return kinds.key
  if (needle === "'" || needle === '"' || needle === ';') return kindsOf('sql')
  if (needle === '\n' || needle === '\r') return kindsOf('log', 'header')
  if (needle === '://' || needle === '//') return kindsOf('redirect', 'url')
  return 0
}

const harmlessType: Readonly<Record<string, Kinds>> = {
  number: all,
  boolean: all,
  bigint: all,
  undefined: all,
  function: all & ~kinds.code,
  string: kindsOf('nosql', 'record', 'prototype', 'deserialise'),
}

/** Functions that say something of their argument by their name, where they are a package's: the program's own are known by what they do. */
const numberTests = new Set(['isInteger', 'isSafeInteger', 'isFinite', 'isInt', 'isNumeric', 'isUUID', 'isAlphanumeric', 'isAlpha', 'isHexadecimal', 'isMongoId', 'isBoolean', 'isNumber', 'isIP', 'isIPv4', 'isIPv6', 'isIp'])

function assumeCall(b: Builder, call: Call, holds: boolean): void {
  const name = methodOf(call)
  const target = bare(call.callee)
  const [first, second] = call.arguments
  const argument = first && first.type !== 'SpreadElement' ? bare(first) : undefined
  const receiver = target.type === 'MemberExpression' ? bare(target.object) : undefined
  if (argument && (numberTests.has(name) || name === 'isNaN')) {
    if (holds === (name !== 'isNaN')) b.decidedBy({ call: b.siteOf(call), arg: 0, holds: holds ? 'truthy' : 'falsy', by: 'name', ...(b.isAwaited && { isAwaited: true }) }, () => refineExpression(b, argument, all))
    return
  }
  if (receiver && argument) {
    if (name === 'test' || name === 'exec') return assumeMatch(b, receiver, argument, holds)
    if (name === 'match' || name === 'matchAll') return assumeMatch(b, argument, receiver, holds)
    if (name === 'startsWith') return assumePrefix(b, call, holds)
    if (name === 'includes' || name === 'contains') return assumeFound(b, call, holds)
    if (name === 'has' && !second) return assumeListed(b, call, receiver, argument, holds)
    if (((name === 'some' && !holds) || (name === 'every' && holds)) && (receiver.type === 'Identifier' || receiver.type === 'MemberExpression')) return assumeElements(b, call, receiver, holds ? 'truthy' : 'falsy')
    if ((name === 'hasOwnProperty' || name === 'propertyIsEnumerable') && holds) return assumeOwn(b, receiver, argument)
    if ((name === 'hasOwn' || name === 'has') && second && second.type !== 'SpreadElement' && holds) return assumeOwn(b, argument, bare(second))
    if (name === 'call' && second && second.type !== 'SpreadElement' && receiver.type === 'MemberExpression' && nameOf(receiver) === 'hasOwnProperty' && holds) return assumeOwn(b, argument, bare(second))
    if (name === 'call' && receiver.type === 'Identifier' && /^has(?:Own)?(?:Prop\w*)?$/i.test(receiver.name) && second && second.type !== 'SpreadElement' && holds) return assumeOwn(b, argument, bare(second))
    if (name === 'isAbsolute') return holds ? undefined : refineExpression(b, argument, 0)
    if (name === 'isArray') return
  }
  assumeDecided(b, call, holds ? 'truthy' : 'falsy')
}

/** `object` has the property itself: then reading it does not lead to a prototype. */
function assumeOwn(b: Builder, object: Expression, key: Expression): void {
  const base = silently(b, object)
  const name = silently(b, key)
  if (base !== undefined && name !== undefined) b.env.places.set(`own:${base}.${name}`, name)
  refineExpression(b, key, all & ~kindsOf('key', 'prototype'))
  const now = silently(b, key)
  if (base !== undefined && now !== undefined) b.env.places.set(`own:${base}.${now}`, now)
}

/** The function that is called decides: what that says of the arguments is found when it is known which function it is. */
export function assumeDecided(b: Builder, call: Call, holds: Guard['holds']): void {
  for (const [index, argument] of call.arguments.entries()) {
    if (argument.type === 'SpreadElement') return
    const value = bare(argument)
    if (value.type !== 'Identifier' && value.type !== 'MemberExpression') continue
    const from = silently(b, value)
    if (from === undefined) continue
    const site = b.siteOf(call)
    if (site < 0 || b.decider) continue
    const guard: Guard = { call: site, arg: index, holds, ...(b.isAwaited && { isAwaited: true }) }
    rebind(b, value, b.refineDecided(from, guard, value))
    for (const part of b.pathParts.get(b.filtered.get(from)?.origin ?? from) ?? []) b.replace(part, (current) => b.refineDecided(current, guard, value))
    eachExtension(b, from, (node, kept) => (kept & kinds.path) !== 0 && b.replace(node, (current) => b.refineDecided(current, guard, value)))
  }
}

/** `list.some(isBad)` is false: none of its elements is. `list.forEach(check)` came back: all of them passed. */
export function assumeElements(b: Builder, call: Call, list: Expression, holds: Guard['holds']): void {
  const from = silently(b, list)
  const site = b.siteOf(call)
  if (from === undefined || site < 0 || b.decider) return
  rebind(b, list, b.refineDecided(from, { call: site, arg: elementsOf, holds }, list))
}

function assumeMatch(b: Builder, regex: Expression, subject: Expression, holds: boolean): void {
  const node = silently(b, regex)
  const literal = node === undefined ? undefined : b.regexOf.get(node)
  if (literal) refineExpression(b, subject, harmlessAfterMatch(literal.pattern, literal.flags, holds))
}

/** Of `{ a: 1, … }[x]`: a table whose fields are written down. */
function isConstantTable(object: Expression): boolean {
  const target = bare(object)
  return target.type === 'ObjectExpression' || (target.type === 'Identifier' && /^[A-Z][A-Z0-9_]+$/.test(target.name))
}
