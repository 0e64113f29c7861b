import { visitorKeys } from 'oxc-parser'
import type { Node } from './ast.ts'

/** A name and what is known of it without following values. */
export interface Variable {
  readonly name: string
  /** The function that declares it; the program for names of the module. */
  readonly owner: Node
  /** How often it is given a value, its declaration included. */
  definitions: number
  isCaptured: boolean
  /** Where the last place in its own function that gives it a value ends; offset in the text. */
  lastWrite: number
  /** A function within its owner gives it a value; and such a function has been read. */
  isSharedWrite: boolean
  hasSharedWrite: boolean
  /** Of a name that a function declaration gives: where it is read, offsets in the text. */
  readonly reads: number[] | undefined
  /** The node that stands for all its values, where one is needed; -1 until then. */
  cell: number
  /** The same for those that functions within its owner give it. */
  sharedCell: number
}

/** One place that gives a variable a value. */
export interface Write {
  variable: Variable | undefined
}

interface Reference extends Write {
  readonly name: string
  readonly node: Node
  readonly within: Node
  readonly isWrite: boolean
}

interface Scope {
  readonly parent: Scope | undefined
  readonly fn: Node
  readonly isFunction: boolean
  readonly names: Map<string, Variable>
  readonly references: Reference[]
}

/** Resolves every identifier of a program: afterwards `variableOf(identifier)` is its variable, and loops and `try` blocks know what they write. */
export function resolveScopes(program: Node): readonly Variable[] {
  let scope: Scope = { parent: undefined, fn: program, isFunction: true, names: new Map(), references: [] }
  const top = scope
  const regions: Write[][] = []

  const declare = (name: string, inFunction: boolean, isFunction = false): Variable => {
    let target = scope
    if (inFunction) while (!target.isFunction && target.parent) target = target.parent
    let variable = target.names.get(name)
    if (!variable) {
      variable = { name, owner: target.fn, definitions: 0, lastWrite: 0, isCaptured: false, isSharedWrite: false, hasSharedWrite: false, reads: isFunction ? [] : undefined, cell: -1, sharedCell: -1 }
      target.names.set(name, variable)
    }
    return variable
  }

  const refer = (node: Node & { readonly name: string }, isWrite: boolean) => {
    const reference: Reference = { name: node.name, node, within: scope.fn, isWrite, variable: undefined }
    scope.references.push(reference)
    if (isWrite) for (const region of regions) region.push(reference)
  }

  const close = () => {
    const { parent, names, references } = scope
    for (const reference of references) {
      const variable = names.get(reference.name)
      if (variable) bind(reference, variable)
      else parent?.references.push(reference)
    }
    if (parent) scope = parent
  }

  const open = (fn: Node, isFunction: boolean) => {
    scope = { parent: scope, fn, isFunction, names: new Map(), references: [] }
  }

  /** A pattern that declares: its identifiers are names, its defaults are expressions. */
  const declarePattern = (pattern: Node, inFunction: boolean, isValue: boolean): void => {
    switch (pattern.type) {
      case 'Identifier':
        declare(pattern.name, inFunction)
        refer(pattern, isValue)
        return
      case 'ObjectPattern':
        for (const property of pattern.properties)
          if (property.type === 'RestElement') declarePattern(property.argument, inFunction, true)
          else {
            if (property.computed) visit(property.key)
            declarePattern(property.value, inFunction, true)
          }
        return
      case 'ArrayPattern':
        for (const element of pattern.elements) if (element) declarePattern(element, inFunction, true)
        return
      case 'AssignmentPattern':
        declarePattern(pattern.left, inFunction, true)
        visit(pattern.right)
        return
      case 'RestElement':
        declarePattern(pattern.argument, inFunction, true)
        return
      case 'TSParameterProperty':
        declarePattern(pattern.parameter, inFunction, true)
        return
    }
  }

  /** A pattern that assigns to what is there. */
  const assignPattern = (pattern: Node): void => {
    switch (pattern.type) {
      case 'Identifier':
        refer(pattern, true)
        return
      case 'ObjectPattern':
        for (const property of pattern.properties)
          if (property.type === 'RestElement') assignPattern(property.argument)
          else {
            if (property.computed) visit(property.key)
            assignPattern(property.value)
          }
        return
      case 'ArrayPattern':
        for (const element of pattern.elements) if (element) assignPattern(element)
        return
      case 'AssignmentPattern':
        assignPattern(pattern.left)
        visit(pattern.right)
        return
      case 'RestElement':
        assignPattern(pattern.argument)
        return
      case 'TSAsExpression':
      case 'TSSatisfiesExpression':
      case 'TSNonNullExpression':
      case 'TSTypeAssertion':
        assignPattern(pattern.expression)
        return
      default:
        visit(pattern)
    }
  }

  const region = (node: Node, body: () => void) => {
    const writes: Write[] = []
    regions.push(writes)
    body()
    regions.pop()
    if (writes.length > 0) (node as { writes?: Write[] }).writes = writes
  }

  const inFunction = (node: Node & { readonly params: readonly Node[]; readonly body: Node | null }, self: Node | null) => {
    const outerRegions = regions.splice(0)
    open(node, true)
    if (self?.type === 'Identifier') {
      declare(self.name, true)
      refer(self, true)
    }
    for (const param of node.params) {
      if ('decorators' in param && param.decorators) for (const decorator of param.decorators) visit(decorator)
      declarePattern(param, true, true)
    }
    if (node.body?.type === 'BlockStatement') for (const statement of node.body.body) visit(statement)
    else if (node.body) visit(node.body)
    close()
    regions.push(...outerRegions)
  }

  const inBlock = (body: () => void) => {
    open(scope.fn, false)
    body()
    close()
  }

  const children = (node: Node) => {
    for (const key of visitorKeys[node.type] ?? []) {
      const child = (node as unknown as Record<string, unknown>)[key]
      if (Array.isArray(child)) {
        for (const item of child) if (item) visit(item as Node)
      } else if (child) visit(child as Node)
    }
  }

  const visit = (node: Node): void => {
    switch (node.type) {
      case 'Identifier':
        refer(node, false)
        return
      case 'MemberExpression':
        visit(node.object)
        if (node.computed) visit(node.property)
        return
      case 'Property':
        if (node.computed) visit(node.key)
        visit(node.value)
        return
      case 'BinaryExpression': {
        // A sum of 100,000 terms is 100,000 deep on the left: walked without recursion.
        let left: Node = node
        while (left.type === 'BinaryExpression') {
          visit(left.right)
          left = left.left
        }
        visit(left)
        return
      }
      case 'FunctionDeclaration':
        if (node.id) {
          declare(node.id.name, false, true)
          refer(node.id, true)
        }
        inFunction(node, null)
        return
      case 'FunctionExpression':
        inFunction(node, node.id)
        return
      case 'ArrowFunctionExpression':
        inFunction(node, null)
        return
      case 'ClassDeclaration':
      case 'ClassExpression':
        for (const decorator of node.decorators) visit(decorator)
        if (node.superClass) visit(node.superClass)
        if (node.id && node.type === 'ClassDeclaration') {
          declare(node.id.name, false)
          refer(node.id, true)
        }
        inBlock(() => {
          if (node.id && node.type === 'ClassExpression') {
            declare(node.id.name, false)
            refer(node.id, true)
          }
          for (const member of node.body.body) visit(member)
        })
        return
      case 'MethodDefinition':
      case 'PropertyDefinition':
      case 'AccessorProperty':
        for (const decorator of node.decorators) visit(decorator)
        if (node.computed) visit(node.key)
        if (node.value) visit(node.value)
        return
      case 'VariableDeclaration':
        for (const { id, init } of node.declarations) {
          if (init) visit(init)
          declarePattern(id, node.kind === 'var', init !== null)
        }
        return
      case 'ImportDeclaration':
        for (const specifier of node.specifiers) {
          declare(specifier.local.name, true)
          refer(specifier.local, true)
        }
        return
      case 'ExportNamedDeclaration':
        if (node.declaration) visit(node.declaration)
        if (!node.source) for (const { local } of node.specifiers) if (local.type === 'Identifier') refer(local, false)
        return
      case 'ExportAllDeclaration':
        return
      case 'AssignmentExpression':
        visit(node.right)
        if (node.operator !== '=' && node.left.type === 'Identifier') refer({ ...node.left }, false)
        assignPattern(node.left)
        return
      case 'UpdateExpression':
        assignPattern(node.argument)
        return
      case 'BlockStatement':
      case 'StaticBlock':
        inBlock(() => node.body.forEach(visit))
        return
      case 'ForStatement':
        inBlock(() => {
          if (node.init) visit(node.init)
          region(node, () => {
            if (node.test) visit(node.test)
            visit(node.body)
            if (node.update) visit(node.update)
          })
        })
        return
      case 'ForInStatement':
      case 'ForOfStatement':
        visit(node.right)
        inBlock(() => {
          region(node, () => {
            if (node.left.type === 'VariableDeclaration') for (const { id } of node.left.declarations) declarePattern(id, node.left.kind === 'var', true)
            else assignPattern(node.left)
            visit(node.body)
          })
        })
        return
      case 'WhileStatement':
      case 'DoWhileStatement':
        region(node, () => {
          visit(node.test)
          visit(node.body)
        })
        return
      case 'SwitchStatement':
        visit(node.discriminant)
        inBlock(() => {
          for (const { test, consequent } of node.cases) {
            if (test) visit(test)
            consequent.forEach(visit)
          }
        })
        return
      case 'TryStatement':
        region(node, () => visit(node.block))
        if (node.handler) visit(node.handler)
        if (node.finalizer) visit(node.finalizer)
        return
      case 'CatchClause':
        inBlock(() => {
          if (node.param) declarePattern(node.param, false, true)
          visit(node.body)
        })
        return
      case 'LabeledStatement':
        visit(node.body)
        return
      case 'BreakStatement':
      case 'ContinueStatement':
        return
      case 'JSXAttribute':
        if (node.value) visit(node.value)
        return
      case 'JSXOpeningElement':
        if (node.name.type === 'JSXMemberExpression') visit(node.name)
        else if (node.name.type === 'JSXIdentifier' && /^[A-Z_$]/.test(node.name.name)) refer(node.name, false)
        node.attributes.forEach(visit)
        return
      case 'JSXMemberExpression':
        if (node.object.type === 'JSXMemberExpression') visit(node.object)
        else if (node.object.type === 'JSXIdentifier') refer(node.object, false)
        return
      case 'TSEnumDeclaration':
        declare(node.id.name, false)
        refer(node.id, true)
        for (const { initializer } of node.body.members) if (initializer) visit(initializer)
        return
      case 'TSImportEqualsDeclaration':
        declare(node.id.name, false)
        refer(node.id, true)
        return
      case 'TSModuleDeclaration':
        if (node.id.type === 'Identifier') {
          declare(node.id.name, false)
          refer(node.id, true)
        }
        if (node.body) visit(node.body)
        return
      case 'TSModuleBlock':
        inBlock(() => node.body.forEach(visit))
        return
      case 'TSAsExpression':
      case 'TSSatisfiesExpression':
      case 'TSTypeAssertion':
      case 'TSNonNullExpression':
      case 'TSInstantiationExpression':
      case 'TSExportAssignment':
        visit(node.expression)
        return
      default:
        if (!node.type.startsWith('TS')) children(node)
    }
  }

  children(program)
  const variables = [...top.names.values()]
  close()
  for (const reference of top.references) if (!reference.variable) reference.variable = undefined
  return variables
}

function bind(reference: Reference, variable: Variable): void {
  reference.variable = variable
  ;(reference.node as { variable?: Variable }).variable = variable
  const isOuter = reference.within !== variable.owner
  if (reference.isWrite) {
    variable.definitions += 1
    if (isOuter) variable.isSharedWrite = true
    else variable.lastWrite = Math.max(variable.lastWrite, reference.node.end)
  } else variable.reads?.push(reference.node.start)
  if (isOuter) variable.isCaptured = true
}
