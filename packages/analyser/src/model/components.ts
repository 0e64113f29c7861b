import type { Expression, Node, Statement } from './ast.ts'
import { bare } from './ast.ts'
import type { Builder } from './builder.ts'
import { expression, keyName } from './expressions.ts'
import { edgeKinds, type FunctionModel } from './file-model.ts'
import type { TemplateExpression } from './markup.ts'
import { statement } from './statements.ts'

type ObjectExpression = Extract<Expression, { type: 'ObjectExpression' }>

/** The default export of a component's file: in its functions `this` is the component, which has what its options say. */
export function componentStatement(b: Builder, child: Statement | Node): void {
  const options = child.type === 'ExportDefaultDeclaration' ? optionsOf(child.declaration as Expression) : undefined
  if (!options) return statement(b, child)
  const component = b.node(options)
  b.component = component
  b.optionsSelf = component
  statement(b, child)
  b.optionsSelf = -1
  for (const property of options.properties) {
    if (property.type !== 'Property' || property.computed) continue
    const value = bare(property.value)
    switch (keyName(property.key)) {
      case 'data':
      case 'setup':
      case 'asyncData': {
        const fn = functionAt(b, value)
        if (fn) b.copy(fn.returns, component)
        break
      }
      case 'methods':
        for (const [name, member] of membersOf(value)) {
          const fn = functionAt(b, member)
          if (fn) b.edge(fn.node, component, edgeKinds.store, b.field(name))
        }
        break
      case 'computed':
        for (const [name, member] of membersOf(value)) {
          const fn = functionAt(b, member) ?? membersOf(member).flatMap(([key, inner]) => (key === 'get' ? (functionAt(b, inner) ?? []) : []))[0]
          if (fn) b.edge(fn.returns, component, edgeKinds.store, b.field(name))
        }
        break
      case 'props':
        for (const [name, at] of value.type === 'ArrayExpression' ? value.elements.flatMap((element): [string, Node][] => (element?.type === 'Literal' ? [[String(element.value), element]] : [])) : membersOf(value)) {
          const prop = b.node(at)
          b.annotations.push([prop, 'component.prop'])
          b.edge(prop, component, edgeKinds.store, b.field(name))
        }
        break
    }
  }
}

/** `export default { … }`, `export default defineComponent({ … })`, `export default Vue.extend({ … })`. */
function optionsOf(ast: Expression): ObjectExpression | undefined {
  const value = bare(ast)
  if (value.type === 'ObjectExpression') return value
  const [first] = value.type === 'CallExpression' ? value.arguments : []
  const argument = first && first.type !== 'SpreadElement' ? bare(first) : undefined
  return argument?.type === 'ObjectExpression' ? argument : undefined
}

const membersOf = (value: Expression): [string, Expression][] => (value.type === 'ObjectExpression' ? value.properties.flatMap((property): [string, Expression][] => (property.type === 'Property' && !property.computed ? [[keyName(property.key), bare(property.value)]] : [])) : [])

const functionAt = (b: Builder, { start, end }: Expression): FunctionModel | undefined => b.functions.findLast((fn) => fn.start === start && fn.end === end)

/** What a template puts into the page other than as text: to the sinks these are attributes of an element. */
export function templateExpressions(b: Builder, statements: readonly (Statement | Node)[], expressions: readonly TemplateExpression[]): void {
  b.isTemplate = true
  for (const child of statements) {
    if (child.type !== 'ExpressionStatement') continue
    const found = expressions.find(({ start, end }) => start <= child.expression.start && child.expression.end <= end)
    if (!found) continue
    const given = expression(b, child.expression)
    // What `ref` made is its value there.
    const value = b.node(found)
    b.copy(given, value)
    b.edge(given, value, edgeKinds.load, b.field('value'))
    b.store(b.node(found), found.field, value, found, true)
  }
  b.isTemplate = false
}
