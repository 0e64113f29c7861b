/**
 * The schema of the resources which the modules use, in the words of Terraform's plugin protocol, read out of the npm package that carries the
 * bindings of hashicorp/google 6.50.0. The bindings are generated from the provider's own schema and keep its flags as comments, so the real
 * provider isn't needed. Lost on the way: `sensitive`, limits of repetition other than 0, 1 and unbounded.
 */

/** A type as the protocol spells it: `"string"`, `["list", "string"]`, `["object", {…}]`. */
export type SchemaType = string | [string, SchemaType] | ['object', Record<string, SchemaType>]
/** required, optional, optional and computed, computed. */
export type Presence = 'r' | 'o' | 'oc' | 'c'
export interface SchemaBlock {
  readonly attributes: Record<string, readonly [SchemaType, Presence]>
  readonly blocks: Record<string, NestedBlock>
}
export interface NestedBlock extends SchemaBlock {
  readonly nesting: 'list' | 'set' | 'single'
  readonly min: 0 | 1
  /** 0: without bound. */
  readonly max: 0 | 1
}
export interface GoogleSchema {
  readonly source: { readonly package: string; readonly integrity: string; readonly provider: string }
  readonly resources: Record<string, SchemaBlock>
  readonly dataSources: Record<string, SchemaBlock>
}

const getters: Record<string, SchemaType> = {
  getStringAttribute: 'string',
  getNumberAttribute: 'number',
  getBooleanAttribute: 'bool',
  getListAttribute: ['list', 'string'],
  getNumberListAttribute: ['list', 'number'],
  getStringMapAttribute: ['map', 'string'],
  getBooleanMapAttribute: ['map', 'bool'],
  getAnyMapAttribute: ['map', 'string'],
}

/** The folder of the bindings that holds a resource or data source. */
export const folderOf = (kind: 'resource' | 'data', name: string): string => {
  const words = name.replace(/^google_/, '').replaceAll('_', '-')
  return kind === 'data' ? `data-google-${words}` : words
}

/** The schema that one folder's TypeScript source describes; `text` is that source, as the package's source map embeds it. */
export function readBindings(text: string): SchemaBlock {
  const classes = new Map<string, string>()
  for (const part of text.split(/^export class /m).slice(1)) classes.set(/^\w+/.exec(part)![0], part)
  const root = [...classes].find(([, body]) => /^\w+ extends cdktf\.Terraform(Resource|DataSource)\b/.test(body))
  if (root === undefined) throw new Error('the bindings hold no resource')
  return readClass(classes, root[1])
}

function readClass(classes: ReadonlyMap<string, string>, body: string): SchemaBlock {
  const attributes: Record<string, readonly [SchemaType, Presence]> = {}
  const blocks: Record<string, NestedBlock> = {}
  const members = body.split(/^ {2}\/\/ (?=\w+ - computed: )/m).slice(1)
  for (const member of members) {
    const flags = /^(\w+) - computed: (\w+), optional: (\w+), required: (\w+)/.exec(member)!
    const name = flags[1]!
    const presence: Presence = flags[4] === 'true' ? 'r' : flags[3] === 'true' ? (flags[2] === 'true' ? 'oc' : 'o') : 'c'
    const nested = /= new (\w+)\(this, "\w+"(?:, (true|false))?\)/.exec(member)
    if (nested === null || nested[1]!.startsWith('cdktf')) {
      attributes[name] = [attributeType(name, member), presence]
      continue
    }
    const many = nested[1]!.endsWith('List')
    const inner = classes.get(nested[1]!.replace(/List$/, 'OutputReference'))
    if (inner === undefined) throw new Error(`the bindings hold no class for ${name}`)
    const block = readClass(classes, inner)
    const nesting = nested[2] === 'true' ? 'set' : 'list'
    if (presence === 'c') attributes[name] = [[many ? nesting : 'list', objectOf(block)], presence]
    else if (name === 'timeouts') blocks[name] = { ...block, nesting: 'single', min: 0, max: 0 }
    else blocks[name] = { ...block, nesting, min: presence === 'r' ? 1 : 0, max: many ? 0 : 1 }
  }
  return { attributes, blocks }
}

function attributeType(name: string, member: string): SchemaType {
  const map = /= new cdktf\.(String|Number|Boolean)Map\(/.exec(member)
  if (map !== null) return ['map', { String: 'string', Number: 'number', Boolean: 'bool' }[map[1]!]!]
  const getter = /this\.(get\w+Attribute)\(/.exec(member)
  const type = getter === null ? undefined : getters[getter[1]!]
  if (type === undefined) throw new Error(`the bindings read ${name} in a way that isn't known here`)
  return /Fn\.tolist\(/.test(member) && Array.isArray(type) ? ['set', type[1] as SchemaType] : type
}

const objectOf = (block: SchemaBlock): SchemaType => [
  'object',
  {
    ...Object.fromEntries(Object.entries(block.attributes).map(([name, [type]]) => [name, type])),
    ...Object.fromEntries(Object.entries(block.blocks).map(([name, inner]) => [name, ['list', objectOf(inner)] as SchemaType])),
  },
]
