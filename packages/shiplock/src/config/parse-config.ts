import type { ExportDefaultDeclaration, Expression, ImportDeclaration, Statement, VariableDeclaration } from 'oxc-parser'
import { fail, ok, type Result } from '@shiplock/findings'
import type { Diagnostic } from './diagnostic.ts'
import type { Literal, Span } from './literal.ts'
import { findExcess } from './nesting-guard.ts'
import { maxValues, readLiteral, type Scope } from './read-literal.ts'
import { refusalOf } from './refusal.ts'
import type { SourceText } from './source-text.ts'

/**
 * Reads the literal that a config file exports by default. The file is parsed as TypeScript and never run, so reading one
 * that an attacker wrote does nothing (design.md, Trust 1). The diagnostics are in the order of the file.
 */
export async function parseConfig(source: SourceText): Promise<Result<Literal, readonly Diagnostic[]>> {
  const excess = findExcess(source.text)
  if (excess) return fail([source.diagnostic(excess.span, excess.message, excess.hint)])
  const { parseSync } = await import('oxc-parser')
  // `lang` whatever the file's extension says: JavaScript that is a literal is TypeScript too, and JSX is not wanted.
  const { program, errors } = parseSync('config.ts', source.text, { lang: 'ts', sourceType: 'module', preserveParens: false })
  if (errors.length > 0) {
    const start = { start: 0, end: 0 }
    return fail(errors.map(({ labels, message, helpMessage }) => source.diagnostic(labels[0] ?? start, message, helpMessage ?? undefined)))
  }
  const diagnostics: Diagnostic[] = []
  const exported = readModule(program.body, source, diagnostics)
  if (exported && diagnostics.length === 0) return ok(exported)
  return fail(diagnostics)
}

interface Module extends Scope {
  readonly constants: Map<string, Literal | undefined>
  /** Local names of `defineConfig`. */
  readonly defineConfig: Set<string>
}

function readModule(statements: readonly Statement[], source: SourceText, diagnostics: Diagnostic[]): Literal | undefined {
  const refuse = (span: Span, message: string, hint?: string) => void diagnostics.push(source.diagnostic(span, message, hint))
  const module: Module = { constants: new Map(), defineConfig: new Set(), text: source.text, refuse, budget: maxValues }
  let exported: { config: Literal | undefined } | undefined
  for (const statement of statements) {
    const span = { start: statement.start, end: statement.end }
    if (statement.type === 'ImportDeclaration') readImport(statement, module)
    else if (statement.type === 'VariableDeclaration' && statement.kind === 'const' && !statement.declare) readConstants(statement, module)
    else if (statement.type === 'ExportDefaultDeclaration') {
      if (exported) refuse(span, 'there is a second `export default`', 'keep one of them')
      else exported = { config: readExport(statement.declaration, module) }
    } else if (statement.type !== 'EmptyStatement') {
      const { message, hint } = refusalOfStatement(statement, source.text)
      refuse(span, message, hint)
    }
  }
  const end = source.text.length
  if (!exported) refuse({ start: end, end }, 'the file has no `export default`', 'write `export default { … }`')
  return exported?.config
}

function readImport(statement: ImportDeclaration, module: Module) {
  if (statement.source.value !== 'shiplock' || statement.attributes.length > 0) {
    const span = { start: statement.source.start, end: statement.source.end }
    module.refuse(span, 'only `shiplock` can be imported: the config is read, never run', 'write the values themselves')
    return
  }
  if (statement.importKind === 'type') return
  for (const specifier of statement.specifiers) {
    if (specifier.type !== 'ImportSpecifier' || specifier.importKind === 'type') continue
    const { imported, local } = specifier
    if (imported.type === 'Identifier' && imported.name === 'defineConfig') module.defineConfig.add(local.name)
  }
}

function readConstants(statement: VariableDeclaration, module: Module) {
  for (const { id, init } of statement.declarations) {
    const span = { start: id.start, end: id.end }
    if (id.type !== 'Identifier' || !init) {
      module.refuse(span, 'a constant is declared by one name', 'write `const name = value`')
    } else if (module.constants.has(id.name)) {
      module.refuse(span, `the constant \`${id.name}\` is declared twice`, 'rename one of them')
    } else {
      module.constants.set(id.name, readConfigExpression(init, module))
    }
  }
}

function readExport(declaration: ExportDefaultDeclaration['declaration'], module: Module): Literal | undefined {
  switch (declaration.type) {
    case 'TSInterfaceDeclaration':
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
    case 'TSEmptyBodyFunctionExpression':
    case 'ClassDeclaration': {
      const span = { start: declaration.start, end: declaration.end }
      module.refuse(span, 'the config is an object, not a function, class or type', 'write `export default { … }`')
      return undefined
    }
    default:
      return readConfigExpression(declaration, module)
  }
}

/** `defineConfig(…)` is the identity, so it can be read without being run. Nowhere else is a call allowed. */
function readConfigExpression(node: Expression, module: Module): Literal | undefined {
  if (node.type === 'TSAsExpression' || node.type === 'TSSatisfiesExpression') return readConfigExpression(node.expression, module)
  if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return readLiteral(node, module)
  const { name } = node.callee
  if (!module.defineConfig.has(name)) {
    if (name !== 'defineConfig') return readLiteral(node, module)
    const span = { start: node.callee.start, end: node.callee.end }
    module.refuse(span, '`defineConfig` is not imported', 'write the object alone: `export default { … }`')
    return undefined
  }
  const [argument, ...others] = node.arguments
  if (!argument || argument.type === 'SpreadElement' || others.length > 0) {
    module.refuse({ start: node.start, end: node.end }, '`defineConfig` takes one object', 'write `defineConfig({ … })`')
    return undefined
  }
  return readLiteral(argument, module)
}

function refusalOfStatement(statement: Statement, text: string): { message: string; hint: string } {
  if (statement.type === 'VariableDeclaration') return { message: 'only constants can be declared', hint: 'write `const` instead' }
  if (/^module\s*\.\s*exports\b/.test(text.slice(statement.start, statement.end))) {
    return { message: '`module.exports` is not read', hint: 'write `export default` instead' }
  }
  const expression = statement.type === 'ExpressionStatement' ? refusalOf(statement.expression, text) : refusalOf(statement, text)
  return { message: expression.message, hint: 'keep only `import`, `const` and `export default`' }
}
