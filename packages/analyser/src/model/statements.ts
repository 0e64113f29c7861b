import { visitorKeys } from 'oxc-parser'
import { kindsOf } from '../kinds.ts'
import type { Expression, Node, Statement } from './ast.ts'
import { bare, variableOf, writesOf } from './ast.ts'
import type { Builder } from './builder.ts'
import { assume, assumeDecided, assumeElements } from './conditions.ts'
import { Environment } from './environment.ts'
import { importNode } from './calls.ts'
import { block, hoist } from './declarations.ts'
import { attempt } from './exceptions.ts'
import { expression, keyName, noteFunction } from './expressions.ts'
import { edgeKinds } from './file-model.ts'
import { classValue, decides, leave } from './functions.ts'
import { bindPattern } from './patterns.ts'
import type { Variable } from './scopes.ts'

export function statement(b: Builder, node: Statement | Node): void {
  if (b.env.isDead && node.type !== 'FunctionDeclaration') {
    // Not reached, or so it seems: read all the same, apart, so that its functions are known.
    if (node.type !== 'EmptyStatement') b.branch(() => reached(b, node))
    return
  }
  reached(b, node)
}

function reached(b: Builder, node: Statement | Node): void {
  switch (node.type) {
    case 'ExpressionStatement':
      return effect(b, node.expression)
    case 'VariableDeclaration':
      for (const { id, init } of node.declarations) {
        if (!init) {
          const variable = id.type === 'Identifier' ? variableOf(id) : undefined
          if (variable && !b.env.get(variable) && node.kind !== 'var') b.env.variables.set(variable, b.node(id))
          continue
        }
        const value = expression(b, init, id.type === 'Identifier' ? id.name : '')
        const variable = id.type === 'Identifier' ? variableOf(id) : undefined
        if (variable && variable.definitions <= 1) {
          noteFunction(b, variable, value)
          noteCondition(b, init, value)
        }
        bindPattern(b, id, value)
      }
      return
    case 'ReturnStatement':
      if (node.argument) b.copy(expression(b, node.argument), b.fn.model.returns)
      leave(b, node.argument ?? undefined)
      b.env.isDead = true
      return
    case 'ThrowStatement':
      expression(b, node.argument)
      b.env.isDead = true
      return
    case 'IfStatement': {
      expression(b, node.test)
      const then = b.branch(() => {
        assume(b, node.test, true)
        statement(b, node.consequent)
      })
      const otherwise = b.branch(() => {
        assume(b, node.test, false)
        if (node.alternate) statement(b, node.alternate)
      })
      b.merge([then, otherwise], node)
      return
    }
    case 'BlockStatement':
    case 'StaticBlock':
    case 'TSModuleBlock':
      return block(b, node.body)
    case 'ForStatement':
      if (node.init?.type === 'VariableDeclaration') statement(b, node.init)
      else if (node.init) expression(b, node.init)
      loop(b, node, () => {
        if (node.test) {
          expression(b, node.test)
          assume(b, node.test, true)
        }
        statement(b, node.body)
        if (node.update) expression(b, node.update)
      })
      if (node.test && !b.env.isDead && !hasBreak(node.body)) assume(b, node.test, false)
      return
    case 'WhileStatement':
      loop(b, node, () => {
        expression(b, node.test)
        assume(b, node.test, true)
        statement(b, node.body)
      })
      if (!hasBreak(node.body)) assume(b, node.test, false)
      return
    case 'DoWhileStatement':
      loop(b, node, () => {
        statement(b, node.body)
        expression(b, node.test)
      })
      return
    case 'ForInStatement':
    case 'ForOfStatement': {
      const over = expression(b, node.right)
      loop(b, node, () => {
        const item = b.node(node.left)
        if (node.type === 'ForOfStatement') b.edge(over, item, edgeKinds.load, 0)
        else b.edge(over, item, edgeKinds.derive, kindsOf('record', 'prototype', 'nosql'))
        bindPattern(b, node.left.type === 'VariableDeclaration' ? node.left.declarations[0]!.id : node.left, item)
        statement(b, node.body)
      })
      return
    }
    case 'SwitchStatement':
      return choose(b, node)
    case 'TryStatement':
      return attempt(b, node)
    case 'BreakStatement':
    case 'ContinueStatement':
      jump(b, node.type === 'ContinueStatement', node.label?.name)
      b.env.isDead = true
      return
    case 'LabeledStatement': {
      if (/^(?:For|While|DoWhile)/.test(node.body.type)) {
        b.label = node.label.name
        return statement(b, node.body)
      }
      const target = { kind: 'block' as const, label: node.label.name, base: b.env, exits: [] as Environment[] }
      b.targets.push(target)
      const body = b.branch(() => statement(b, node.body))
      b.targets.pop()
      b.merge([body, ...target.exits], node)
      return
    }
    case 'WithStatement':
      expression(b, node.object)
      return statement(b, node.body)
    case 'ClassDeclaration': {
      const value = classValue(b, node, node.id?.name ?? '')
      const variable = node.id && variableOf(node.id)
      if (variable) noteFunction(b, variable, value)
      return
    }
    case 'ImportDeclaration':
      return importDeclaration(b, node)
    case 'ExportNamedDeclaration':
      return exportNamed(b, node)
    case 'ExportDefaultDeclaration': {
      const { declaration } = node
      if (declaration.type === 'FunctionDeclaration' || declaration.type === 'TSInterfaceDeclaration') return
      const value = declaration.type === 'ClassDeclaration' ? classValue(b, declaration, declaration.id?.name ?? 'default') : expression(b, declaration as Expression, 'default')
      b.store(b.exports, 'default', value, node)
      return
    }
    case 'ExportAllDeclaration': {
      const source = importNode(b, node.source.value, node)
      if (node.exported) b.store(b.exports, moduleName(node.exported), source, node)
      else b.copy(source, b.exports)
      return
    }
    case 'TSExportAssignment':
      b.store(b.module, 'exports', expression(b, node.expression), node)
      return
    case 'TSImportEqualsDeclaration': {
      const variable = variableOf(node.id)
      if (variable && node.moduleReference.type === 'TSExternalModuleReference') b.write(variable, importNode(b, node.moduleReference.expression.value, node), node)
      return
    }
    case 'TSModuleDeclaration':
      if (node.body) statement(b, node.body)
      return
    case 'TSEnumDeclaration': {
      const value = b.node(node)
      for (const member of node.body.members) if (member.initializer) b.store(value, member.id.type === 'Identifier' ? member.id.name : '*', expression(b, member.initializer), member)
      const variable = variableOf(node.id)
      if (variable) b.write(variable, value, node)
      return
    }
  }
}

/** An expression for its effect: what it calls may have thrown unless its arguments are right. */
function effect(b: Builder, ast: Expression): void {
  let node = bare(ast)
  const isAwaited = node.type === 'AwaitExpression'
  if (node.type === 'AwaitExpression') node = bare(node.argument)
  // a && b(), a || b(): as if written with `if`.
  expression(b, ast)
  if (node.type !== 'CallExpression') return
  const callee = bare(node.callee)
  const name = callee.type === 'Identifier' ? callee.name : callee.type === 'MemberExpression' && !callee.computed ? keyName(callee.property) : ''
  const object = callee.type === 'MemberExpression' ? bare(callee.object) : undefined
  if (object?.type === 'Identifier' && object.name === 'process' && (name === 'exit' || name === 'abort')) {
    b.env.isDead = true
    return
  }
  const [first] = node.arguments
  if (name === 'forEach' && object) assumeElements(b, node, object, 'returned')
  const wasAwaited = b.isAwaited
  b.isAwaited = isAwaited
  assumeDecided(b, node, 'returned')
  if (first && first.type !== 'SpreadElement' && decides.has(bare(first).type) && (object?.type !== 'Identifier' || object.name !== 'console')) b.decidedBy({ call: b.siteOf(node), arg: 0, holds: 'returned', by: /^(?:assert|invariant|ok|strict)$/.test(name) ? 'named assertion' : 'assertion', ...(isAwaited && { isAwaited: true }) }, () => assume(b, first, true))
  b.isAwaited = wasAwaited
}

/** `const isRight = /^a+$/.test(x)`: asked later, it says what the condition says. */
function noteCondition(b: Builder, init: Expression, value: number): void {
  if (!decides.has(init.type) || init.type === 'Identifier' || init.type === 'MemberExpression' || init.end - init.start > longestCondition) return
  const variables = new Map<Variable, number>()
  const visit = (node: Node) => {
    const variable = node.type === 'Identifier' ? variableOf(node) : undefined
    const was = variable && b.env.get(variable)
    if (variable && was !== undefined) variables.set(variable, was)
    for (const child of childrenOf(node)) visit(child)
  }
  visit(init)
  b.conditionOf.set(value, { test: init, variables: [...variables] })
}

/** A condition that is longer is not remembered with the name that it is given. Characters. */
const longestCondition = 300

export const variablesOf = (writes: ReturnType<typeof writesOf>): Variable[] => [...new Set(writes.flatMap(({ variable }) => variable ?? []))]

/** The body may run again: a variable that it writes is at its head what it was before, or what the body left. */
function loop(b: Builder, node: Node, body: () => void): void {
  const heads = new Map<Variable, number>()
  for (const variable of variablesOf(writesOf(node))) {
    const before = b.env.get(variable)
    if (before === undefined) continue
    const head = b.node(node)
    b.copy(before, head)
    b.env.variables.set(variable, head)
    heads.set(variable, head)
  }
  b.env.places.clear()
  b.env.forgetsPlaces = true
  const { label } = b
  b.label = undefined
  b.targets.push({ kind: 'loop', heads, ...(label !== undefined && { label }) })
  const after = b.branch(body)
  b.targets.pop()
  for (const [variable, value] of after.variables) {
    const head = heads.get(variable)
    if (head !== undefined) b.copy(value, head)
    else if (b.env.get(variable) === undefined && variable.owner === b.fn.ast) b.env.variables.set(variable, value)
  }
}

/** Whether a loop may be left before its condition is false. */
function hasBreak(node: Node): boolean {
  if (node.type === 'BreakStatement') return true
  if (/Function|Class|Expression/.test(node.type) && node.type !== 'ExpressionStatement') return false
  return childrenOf(node).some(hasBreak)
}

const childrenOf = (node: Node): Node[] =>
  (visitorKeys[node.type] ?? []).flatMap((key) => {
    const child = (node as unknown as Record<string, Node | readonly (Node | null)[] | null | undefined>)[key]
    return Array.isArray(child) ? child.filter((one: Node | null) => one !== null) : child === null || child === undefined ? [] : [child as Node]
  })

/** Where a `break` or `continue` leads, the variables arrive as they are now. */
function jump(b: Builder, isContinue: boolean, label: string | undefined): void {
  for (const target of b.targets.toReversed()) {
    if (target.kind === 'loop') {
      for (const [variable, head] of target.heads) {
        const value = b.env.get(variable)
        if (value !== undefined) b.copy(value, head)
      }
      if (label === undefined || target.label === label) return
    } else if (!isContinue && (label === undefined ? target.kind === 'switch' : target.label === label)) {
      const exit = new Environment(target.base)
      for (let layer: Environment | undefined = b.env; layer && layer !== target.base; layer = layer.parent) for (const [variable, value] of layer.variables) if (!exit.variables.has(variable)) exit.variables.set(variable, value)
      target.exits.push(exit)
      return
    }
  }
}

function choose(b: Builder, node: Extract<Node, { type: 'SwitchStatement' }>): void {
  expression(b, node.discriminant)
  const exits: Environment[] = []
  b.targets.push({ kind: 'switch', base: b.env, exits })
  let previous: Environment | undefined
  let hasDefault = false
  for (const { test, consequent } of node.cases) {
    hasDefault ||= test === null
    const entry = b.branch(() => {
      if (!test) otherThan(b, node)
      if (test) {
        expression(b, test)
        assume(b, { type: 'BinaryExpression', operator: '===', left: node.discriminant, right: test, start: test.start, end: test.end }, true)
      }
    })
    const branch = b.branch(() => {
      b.merge(previous && !previous.isDead ? [previous, entry] : [entry], node)
      hoist(b, consequent)
      for (const child of consequent) statement(b, child)
    })
    previous = branch
  }
  b.targets.pop()
  if (previous) exits.push(previous)
  if (!hasDefault) exits.push(b.branch(() => otherThan(b, node)))
  if (exits.length > 0) b.merge(exits, node)
}

/** None of the cases was taken: of names that lead to prototypes that says something. */
function otherThan(b: Builder, { discriminant, cases }: Extract<Node, { type: 'SwitchStatement' }>): void {
  for (const { test } of cases) if (test?.type === 'Literal' && typeof test.value === 'string' && /^(?:__proto__|constructor|prototype)$/.test(test.value)) assume(b, { type: 'BinaryExpression', operator: '===', left: discriminant, right: test, start: test.start, end: test.end }, false)
}

const moduleName = (name: { readonly type: string; readonly name?: string; readonly value?: unknown }): string => name.name ?? String(name.value)

function importDeclaration(b: Builder, node: Extract<Node, { type: 'ImportDeclaration' }>): void {
  const isType = node.importKind === 'type'
  if (isType && !node.source.value.startsWith('.')) return
  const source = importNode(b, node.source.value, node, isType)
  for (const specifier of node.specifiers) {
    const variable = variableOf(specifier.local)
    if (!variable) continue
    const value = specifier.type === 'ImportNamespaceSpecifier' ? source : b.load(source, specifier.type === 'ImportDefaultSpecifier' ? 'default' : moduleName(specifier.imported), specifier)
    b.write(variable, value, specifier)
  }
}

function exportNamed(b: Builder, node: Extract<Node, { type: 'ExportNamedDeclaration' }>): void {
  if (node.exportKind === 'type') return
  if (node.declaration) {
    const { declaration } = node
    if (declaration.type !== 'FunctionDeclaration') statement(b, declaration)
    const names = declaration.type === 'VariableDeclaration' ? declaration.declarations.flatMap(({ id }) => boundNames(id)) : 'id' in declaration && declaration.id?.type === 'Identifier' ? [declaration.id] : []
    for (const name of names) {
      const variable = variableOf(name)
      if (variable) b.store(b.exports, variable.name, b.read(variable, name), name)
    }
    return
  }
  const source = node.source && importNode(b, node.source.value, node)
  for (const { local, exported } of node.specifiers) {
    if (source !== null) b.store(b.exports, moduleName(exported), b.load(source, moduleName(local), node), node)
    else {
      const variable = variableOf(local)
      if (variable) b.later.push(() => b.store(b.exports, moduleName(exported), b.read(variable, local), node))
    }
  }
}

function boundNames(pattern: Node): Extract<Node, { type: 'Identifier' }>[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern]
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) => boundNames(property.type === 'RestElement' ? property.argument : property.value))
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? boundNames(element) : []))
    case 'AssignmentPattern':
      return boundNames(pattern.left)
    case 'RestElement':
      return boundNames(pattern.argument)
    default:
      return []
  }
}
