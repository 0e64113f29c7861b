/** A half-open range of the file's text, in UTF-16 code units. */
export interface Range {
  readonly start: number
  readonly end: number
}

export interface ScalarNode extends Range {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** The value as GitHub would put it into a string. */
  readonly text: string
}

export interface ListNode extends Range {
  readonly kind: 'list'
  readonly items: readonly Node[]
}

export interface MappingNode extends Range {
  readonly kind: 'mapping'
  readonly entries: readonly Entry[]
}

export interface Entry {
  readonly key: ScalarNode
  readonly value: Node
}

export type Node = ScalarNode | ListNode | MappingNode

/** The value under a key; the first one where the key is there twice, as the parser of GitHub reports the second. */
export function get(node: Node | undefined, key: string): Node | undefined {
  return entryOf(node, key)?.value
}

export function entryOf(node: Node | undefined, key: string): Entry | undefined {
  return node?.kind === 'mapping' ? node.entries.find((entry) => entry.key.text === key) : undefined
}

export function entriesOf(node: Node | undefined): readonly Entry[] {
  return node?.kind === 'mapping' ? node.entries : []
}

export function scalarOf(node: Node | undefined): ScalarNode | undefined {
  return node?.kind === 'scalar' ? node : undefined
}

/** The scalars of a list, or the one scalar that stands for a list of one. */
export function scalarsOf(node: Node | undefined): readonly ScalarNode[] {
  if (node?.kind === 'scalar') return node.value === null ? [] : [node]
  return node?.kind === 'list' ? node.items.filter((item) => item.kind === 'scalar') : []
}

export function* scalarsWithin(node: Node | undefined): Generator<ScalarNode> {
  if (node?.kind === 'scalar') yield node
  if (node?.kind === 'list') for (const item of node.items) yield* scalarsWithin(item)
  if (node?.kind === 'mapping') for (const { value } of node.entries) yield* scalarsWithin(value)
}
