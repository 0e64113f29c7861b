import type { Body, Expression } from './syntax.ts'

/** Anything: what hcl2json writes as source text again. */
const any = Symbol('any')

/**
 * HashiCorp's own parser, compiled to WebAssembly, knows no places; our reader does. So it has the last word on what is
 * valid, and both must have seen the same blocks, attributes and plain values. Undefined where they agree.
 */
export async function disagreement(text: string, body: Body | undefined): Promise<{ readonly message: string; readonly line?: number; readonly column?: number } | undefined> {
  const { parse } = await import('@cdktn/hcl2json')
  let json: unknown
  try {
    json = await parse('file', text)
  } catch (error) {
    const said = error instanceof Error ? whatItSays(error.message) : undefined
    // Anything else, such as the end of its stack, ends it for every file after this one.
    if (!said) throw error
    return said
  }
  if (!body) return { message: 'Terraform can read it, Shiplock cannot' }
  const different = firstDifference(toJson(body), json, [])
  return different === undefined ? undefined : { message: `Terraform and Shiplock read ${different || 'it'} differently` }
}

/** `parse config: [file:2,7-3,1: Invalid expression; Expected …]` */
function whatItSays(message: string): { message: string; line?: number; column?: number } | undefined {
  // Valid as HCL, but no language built on it has such blocks, and there is no JSON for them.
  const mixed = /Unable to convert Block to JSON: ([\s\S]*)$/.exec(message)?.[1]
  if (mixed !== undefined) return { message: `blocks of one type have different numbers of labels: ${mixed.slice(0, 200)}` }
  const found = /\[?file:(\d+),(\d+)-[\d,]+: ([\s\S]*?)\]?$/.exec(message)
  if (!found) return undefined
  const [, line, column, text = ''] = found
  return { message: text.split('\n')[0]?.slice(0, 300) ?? '', line: Number(line), column: Number(column) }
}

/** The body as hcl2json would write it: blocks by their labels, each a list; what is no plain value is `any`. */
export function toJson({ attributes, blocks }: Body): Record<string, unknown> {
  const json: Record<string, unknown> = Object.create(null)
  for (const { type, labels, body } of blocks) {
    const path = [type, ...labels]
    let parent = json
    for (const label of path.slice(0, -1)) parent = (parent[label] ??= Object.create(null)) as Record<string, unknown>
    const last = path.at(-1) ?? type
    const list = (parent[last] ??= [])
    if (Array.isArray(list)) list.push(toJson(body))
  }
  for (const { name, value } of attributes) json[name] = valueOf(value)
  return json
}

function valueOf(value: Expression): unknown {
  if (value.isInParentheses) return any
  if (value.kind === 'literal') return typeof value.value === 'string' && /[$%]\{/.test(value.value) ? any : value.value
  if (value.kind === 'list') return value.items.map(valueOf)
  if (value.kind !== 'object') return any
  if (value.entries.some(({ key }) => key.kind !== 'literal' || key.isInParentheses)) return any
  return Object.fromEntries(value.entries.map((entry) => [entry.key.kind === 'literal' ? String(entry.key.value) : '', valueOf(entry.value)]))
}

function firstDifference(ours: unknown, theirs: unknown, path: readonly string[]): string | undefined {
  if (ours === any || Object.is(ours, theirs)) return undefined
  if (typeof ours !== 'object' || typeof theirs !== 'object' || ours === null || theirs === null || Array.isArray(ours) !== Array.isArray(theirs)) return path.join('.')
  const [left, right] = [ours as Record<string, unknown>, theirs as Record<string, unknown>]
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    if (!Object.hasOwn(left, key) || !Object.hasOwn(right, key)) return [...path, key].join('.')
    const found = firstDifference(left[key], right[key], [...path, key])
    if (found !== undefined) return found
  }
  return undefined
}
