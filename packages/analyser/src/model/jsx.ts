import type { Expression } from './ast.ts'
import { variableOf } from './ast.ts'
import type { Builder } from './builder.ts'
import { site } from './calls.ts'
import { expression } from './expressions.ts'

/** Elements: attributes are stores into props, components are functions that are called with them. */
export function jsx(b: Builder, node: Extract<Expression, { type: 'JSXElement' | 'JSXFragment' }>): number {
  const element = b.node(node)
  if (node.type === 'JSXElement') {
    const { name, attributes } = node.openingElement
    const isComponent = name.type !== 'JSXIdentifier' || /^[A-Z]/.test(name.name)
    const props = b.node(node.openingElement)
    for (const attribute of attributes) {
      if (attribute.type === 'JSXSpreadAttribute') b.copy(expression(b, attribute.argument), props)
      else if (attribute.value) {
        const { value } = attribute
        const inner = value.type === 'JSXExpressionContainer' ? (value.expression.type === 'JSXEmptyExpression' ? b.node(value) : expression(b, value.expression)) : expression(b, value as Expression)
        const field = attribute.name.type === 'JSXIdentifier' ? attribute.name.name : `${attribute.name.namespace.name}:${attribute.name.name.name}`
        b.store(props, field, inner, attribute, !isComponent)
      }
    }
    if (isComponent && name.type === 'JSXIdentifier') {
      const variable = variableOf(name)
      if (variable) site(b, { callee: b.read(variable, name), receiver: -1, name: name.name, args: [props], spread: -1, kind: 'call' }, node, element)
    }
  }
  for (const child of node.children) {
    if (child.type === 'JSXExpressionContainer') {
      if (child.expression.type !== 'JSXEmptyExpression') expression(b, child.expression)
    } else if (child.type === 'JSXElement' || child.type === 'JSXFragment') jsx(b, child)
    else if (child.type === 'JSXSpreadChild') expression(b, child.expression)
  }
  return element
}

