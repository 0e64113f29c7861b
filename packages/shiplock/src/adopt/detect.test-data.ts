import type { TreeFacts } from './detect.ts'

/** A tree that is only thought of; objects are written as JSON. */
export const treeOf = (files: Readonly<Record<string, string | object>>): TreeFacts => {
  const texts = new Map(Object.entries(files).map(([path, content]) => [path, typeof content === 'string' ? content : JSON.stringify(content)]))
  return { paths: [...texts.keys()].toSorted(), read: (path) => texts.get(path) }
}
