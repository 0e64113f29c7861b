import type { ConfigValue, Proposal } from './propose-config.ts'

interface Branch {
  readonly why: readonly string[]
  readonly value?: ConfigValue
  readonly children: Map<string, Branch>
}

/** `shiplock.config.ts` with these keys, each below its reason. It is read as a literal and never run. */
export function renderConfig(proposals: readonly Proposal[]): string {
  const root: Branch = { why: [], children: new Map() }
  for (const { path, value, why } of proposals) insert(root, path, value, why)
  const head = '// What differs from the defaults; docs/configuration.md has every key. The file is read as data and never run.\n'
  return root.children.size === 0 ? `${head}export default {}\n` : `${head}export default {\n${entries(root, '  ')}}\n`
}

function insert(branch: Branch, [key, ...rest]: readonly string[], value: ConfigValue, why: string): void {
  if (key === undefined) return
  if (rest.length === 0) {
    branch.children.set(key, { why: [why], value, children: new Map() })
    return
  }
  const child: Branch = branch.children.get(key) ?? { why: [], children: new Map() }
  // A parent that is switched off holds nothing else.
  if (child.value !== undefined) return
  branch.children.set(key, child)
  insert(child, rest, value, why)
}

function entries({ children }: Branch, indent: string): string {
  return [...children].map(([key, child]) => {
    const comment = child.why.map((why) => `${indent}// ${plainLine(why)}\n`).join('')
    return `${comment}${indent}${nameOf(key)}: ${child.value === undefined ? `{\n${entries(child, `${indent}  `)}${indent}}` : literal(child.value)},\n`
  }).join('')
}

const nameOf = (key: string) => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key))

/** Names of the repository are in it: nothing of them ends the literal. */
const quote = (text: string) => `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'").replace(/[\u007f-\u009f\u2028\u2029\p{Cf}]/gu, (character) => [...character].map((one) => `\\u{${one.codePointAt(0)?.toString(16)}}`).join(''))}'`

function literal(value: ConfigValue): string {
  if (typeof value === 'string') return quote(value)
  if (isList(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value === 'object' && value !== null) return `{ ${Object.entries(value).map(([key, inner]) => `${nameOf(key)}: ${literal(inner)}`).join(', ')} }`
  return JSON.stringify(value)
}

const isList = (value: ConfigValue): value is readonly ConfigValue[] => Array.isArray(value)

/** A comment ends where its line does, and every character that ends one could come from a name of the repository. */
const plainLine = (text: string) => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim().slice(0, 200)
