import { defaultTreeAdapter as tree, type DefaultTreeAdapterTypes } from 'parse5'

export type Node = DefaultTreeAdapterTypes.Node
export type Element = DefaultTreeAdapterTypes.Element

export const elementsOf = (root: Node): Element[] => [...nodesOf(root)].filter((node) => tree.isElementNode(node))

export const textOf = (root: Node): string => [...nodesOf(root)].map((node) => (tree.isTextNode(node) ? node.value : '')).join('')

/** In the order of the page, without recursion: a hostile page is nested as deep as it is long. */
export function* nodesOf(root: Node): Generator<Node> {
  const stack: Node[] = [root]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node
    stack.push(...childrenOf(node).toReversed())
  }
}

export const childrenOf = (node: Node): readonly Node[] => ('childNodes' in node ? node.childNodes : [])

export const attribute = (element: Element, name: string): string | undefined => element.attrs.find((attr) => attr.name === name)?.value
