import type { Expression, IdentifierReference, LogicalExpression, Node } from 'oxc-parser'
import type { Variable, Write } from './scopes.ts'

export type * from 'oxc-parser'

/** What the pass over the scopes leaves on the syntax tree, which is ours alone. */
export type Resolved<T> = T & { variable?: Variable; writes?: Write[] }

export const variableOf = (identifier: unknown): Variable | undefined => (identifier as Resolved<IdentifierReference>).variable
export const writesOf = (node: Node): readonly Write[] => (node as Resolved<Node>).writes ?? []

/** The expression below what TypeScript and parentheses put around it. */
export function bare<T extends Node>(node: T): Exclude<T, { type: 'TSAsExpression' }> {
  let current: Node = node
  for (;;) {
    switch (current.type) {
      case 'TSAsExpression':
      case 'TSSatisfiesExpression':
      case 'TSTypeAssertion':
      case 'TSNonNullExpression':
      case 'TSInstantiationExpression':
      case 'ParenthesizedExpression':
      case 'ChainExpression':
        current = current.expression
        break
      default:
        return current as Exclude<T, { type: 'TSAsExpression' }>
    }
  }
}

export type Logical = LogicalExpression

/** `a && b && c` leans to the left: its terms in their order, gathered without recursion. */
export function termsOf(node: Logical): Expression[] {
  const terms: Expression[] = []
  let left: Expression = node
  while (left.type === 'LogicalExpression' && left.operator === node.operator) {
    terms.push(left.right)
    left = bare(left.left)
  }
  terms.push(left)
  return terms.toReversed()
}
