import { defaultTreeAdapter as tree, type DefaultTreeAdapterTypes } from 'parse5'

export type Node = DefaultTreeAdapterTypes.Node
export type Element = DefaultTreeAdapterTypes.Element

export const elementsOf = (root: Node): Element[] => [...nodesOf(root)].filter((node) => tree.isElementNode(node))

/** A page has rows in rows and forms beside forms, and each is read by itself: none of them may be the whole page again. */
const mostNodes = 2000

/** Of the first nodes only, where there are very many. */
export const textOf = (root: Node): string =>
  nodesOf(root)
    .take(mostNodes)
    .map((node) => (tree.isTextNode(node) ? node.value : ''))
    .toArray()
    .join('')

/** Whether there is one such element below, as far as that can be told without reading everything. */
export const hasOne = (root: Node, tagName: string): boolean => {
  const nodes = [...nodesOf(root).take(mostNodes + 1)]
  return nodes.length <= mostNodes && nodes.filter((node) => tree.isElementNode(node) && node.tagName === tagName).length === 1
}

/** In the order of the page, without recursion: a hostile page is nested as deep as it is long. */
export function* nodesOf(root: Node): Generator<Node> {
  const stack: Node[] = [root]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node
    // One by one: a page may have more children in one place than a call may have arguments.
    for (const child of childrenOf(node).toReversed()) stack.push(child)
  }
}

export const childrenOf = (node: Node): readonly Node[] => ('childNodes' in node ? node.childNodes : [])

export const attribute = (element: Element, name: string): string | undefined => element.attrs.find((attr) => attr.name === name)?.value
