import type { Expression, Statement } from 'oxc-parser'
import { quoted } from './diagnostic.ts'

/** Why an expression or a statement is no data, and what to write instead. `text` is the whole source. */
export function refusalOf(node: Expression | Statement, text: string): { message: string; hint: string } {
  const code = text.slice(node.start, node.end)
  const what = names[node.type as Expression['type']] ?? quoted(code.split('\n', 1)[0] ?? '')
  const message = `${what} cannot be used here: the config is read, never run`
  return { message, hint: /^process\s*\.\s*env\b/.test(code) ? environmentHint : 'write the value itself' }
}

const environmentHint = 'write the value itself; secrets and what differs between machines are set on the target, not in the config'

const names: Partial<Record<Expression['type'], string>> = {
  ArrowFunctionExpression: 'a function',
  AssignmentExpression: 'an assignment',
  AwaitExpression: '`await`',
  BinaryExpression: 'a calculation',
  CallExpression: 'a function call',
  ClassExpression: 'a class',
  ConditionalExpression: 'a condition',
  FunctionExpression: 'a function',
  ImportExpression: 'an import',
  Literal: 'a regular expression, a bigint or a number out of range',
  LogicalExpression: 'a condition',
  MemberExpression: 'a property of another object',
  NewExpression: '`new`',
  SequenceExpression: 'a sequence of expressions',
  TaggedTemplateExpression: 'a tagged template',
  TemplateLiteral: 'a template with `${…}`',
  UnaryExpression: 'an operator',
  UpdateExpression: 'an assignment',
}
