import type { Decorator, Node } from './ast.ts'
import { bare } from './ast.ts'
import type { Builder, Span } from './builder.ts'
import { edgeKinds } from './file-model.ts'

/** The field of a class that leads to what its instances share; no name that a program can write. */
export const instanceField = '\0instance'

interface TypeReference {
  readonly type: string
  readonly typeName?: { readonly type: string; readonly name?: string; readonly left?: { readonly name?: string }; readonly right?: { readonly name: string } }
}

/** `Request` of `Request<Params>`, `express.Request` as `Request` too: what declarations call the types that matter. */
export function typeName(annotation: unknown): string {
  const type = (annotation as { typeAnnotation?: TypeReference } | null | undefined)?.typeAnnotation
  if (type?.type !== 'TSTypeReference' || !type.typeName) return ''
  return type.typeName.type === 'TSQualifiedName' ? `${type.typeName.left?.name ?? ''}.${type.typeName.right?.name ?? ''}` : (type.typeName.name ?? '')
}

/** Names that programs re-export or extend under the library's own name. */
const ofLibraries = /^(?:Request|Response|Express|(?:Fastify|Next|Koa|Hono|Apollo|Elysia)\w*)$/

/** Types that the file declares by itself, or has from another file of the program. */
export function ownTypesOf(body: readonly (Node)[]): ReadonlySet<string> {
  const found = new Set<string>()
  for (const child of body) {
    const declared = (child.type === 'ExportNamedDeclaration' ? child.declaration : child) as Node | null
    if (declared?.type === 'TSInterfaceDeclaration' ? declared.extends.length === 0 : declared?.type === 'TSTypeAliasDeclaration' && declared.typeAnnotation.type === 'TSTypeLiteral') found.add((declared as { id: { name: string } }).id.name)
    if (child.type === 'ImportDeclaration' && child.source.value.startsWith('.')) for (const { local } of child.specifiers) if (!ofLibraries.test(local.name)) found.add(local.name)
  }
  return found
}

/** A value is what its declaration says: something that models know by its name, or an instance of a class of the program. */
export function declareType(b: Builder, value: number, annotation: unknown, at: Span): void {
  const type = typeName(annotation)
  if (!type) return
  // A type of the program's own is none that a library has under that name.
  b.annotations.push([value, b.ownTypes.has(type) ? `own ${type}` : type])
  const variable = b.topNames.get(type)
  if (variable) b.edge(b.read(variable, at), value, edgeKinds.load, b.field(instanceField))
}

/** Pipes of frameworks whose result is a number, an identifier or one of a list. */
const checks = /^Parse(?:Int|Float|Bool|UUID|Enum|Date|ObjectId\w*|MongoId\w*|BigInt)(?:Pipe)?$/i

/**
 * `@Query('id') id: string`: what a framework hands to this parameter, as an annotation `@Query`; `@Body: typed` where a
 * class says what it is, `@checked` where a pipe makes it harmless. A decorator of the program's own hands in what it was made to.
 */
export function decorate(b: Builder, value: number, decorators: readonly Decorator[] | undefined, annotation: unknown): void {
  for (const { expression } of decorators ?? []) {
    const target = bare(expression)
    const name = target.type === 'CallExpression' ? nameOf(bare(target.callee)) : nameOf(target)
    if (!name) continue
    const own = b.topNames.get(name)
    if (own) b.copy(b.read(own, target), value)
    const pipes = target.type === 'CallExpression' ? target.arguments.map((argument) => nameOf(argument.type === 'NewExpression' ? bare(argument.callee) : argument)) : []
    const type = typeName(annotation)
    b.annotations.push([value, pipes.some((pipe) => checks.test(pipe)) ? '@checked' : `@${name}${type && !/^(?:Record|Partial|any|object)$/i.test(type) ? ': typed' : ''}`])
  }
}

/** What decorators say of a field: `@IsUUID() id`. */
export function decorateField(b: Builder, value: number, decorators: readonly Decorator[]): void {
  for (const { expression } of decorators) {
    const target = bare(expression)
    if (checkedFields.test(target.type === 'CallExpression' ? nameOf(bare(target.callee)) : nameOf(target))) b.annotations.push([value, '@checked'])
  }
}

/** `@Render('index')`: the template that is given what the method returns. */
export function decorateMethod(b: Builder, returns: number, decorators: readonly Decorator[]): void {
  for (const { expression } of decorators) {
    const target = bare(expression)
    const view = target.type === 'CallExpression' && nameOf(bare(target.callee)) === 'Render' ? target.arguments[0] : undefined
    if (view?.type === 'Literal' && typeof view.value === 'string') b.annotations.push([returns, `@Render ${view.value}`])
  }
}

const checkedFields = /^Is(?:UUID|Int|Number|Boolean|BooleanString|NumberString|In|Enum|Date|DateString|ISO8601|MongoId|Alpha|Alphanumeric|Hexadecimal|Numeric|Positive|Negative|IP|Port|Latitude|Longitude|ISO31661Alpha2|Currency|Timezone)$|^(?:Equals|Min|Max)$/

const nameOf = (node: Node): string => (node.type === 'Identifier' ? node.name : node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier' ? node.property.name : '')
