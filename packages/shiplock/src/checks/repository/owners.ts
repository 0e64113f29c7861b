import type { FindingDraft } from '@shiplock/findings'
import { codeownersMissing } from './rules/codeowners-missing.ts'
import { securityPolicyMissing } from './rules/security-policy-missing.ts'
import { finding, isSample, textOf, type Tree } from './tree.ts'

const places = ['.github/', '', 'docs/']

export async function findOwnerGaps(tree: Tree): Promise<FindingDraft[]> {
  const findings: FindingDraft[] = []
  if (tree.paths.length > 0 && !tree.paths.some((path) => /^(?:\.github\/|docs\/)?security\.(?:md|txt|rst|adoc)$/i.test(path))) findings.push(finding(securityPolicyMissing, 'there is no SECURITY.md'))
  // The first of the places is the one that GitHub reads.
  const owners = places.map((place) => `${place}CODEOWNERS`).find(tree.has)
  const lines = owners === undefined ? [] : linesOf((await textOf(tree, owners)) ?? '')
  const workflow = tree.paths.find((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path))
  const terraform = tree.paths.find((path) => path.endsWith('.tf') && !isSample(path))
  // One file is to be written or mended, however much it leaves out.
  const unowned = ([['workflows', workflow], ['Terraform', terraform]] as const).filter(([, path]) => path !== undefined && !lines.findLast(({ pattern }) => covers(pattern, path))?.isOwned)
  if (unowned.length === 0) return findings
  const what = unowned.map(([name]) => name).join(' and ')
  if (owners === undefined) findings.push(finding(codeownersMissing, `there is no CODEOWNERS, so nobody has to look at ${what}`, unowned[0]?.[1]))
  else findings.push({ ...finding(codeownersMissing, `no line of ${owners} names an owner of ${what}`, owners), fix: `Add a line to \`${owners}\` for ${unowned.map(([name]) => (name === 'workflows' ? '`/.github/`' : 'the folders with Terraform')).join(' and one for ')}.` })
  return findings
}

interface Line {
  readonly pattern: string
  /** A line without an owner takes ownership away. */
  readonly isOwned: boolean
}

/** Of the lines that cover a file the last one counts. */
const linesOf = (text: string): Line[] =>
  text.replace(/^\uFEFF/, '').split(/\r?\n/).flatMap((line) => {
    const [pattern, owner] = line.replace(/#.*/, '').trim().split(/\s+/)
    return pattern !== undefined && pattern !== '' ? [{ pattern, isOwned: owner !== undefined }] : []
  })

/** As git reads patterns: with a slash in it from the root, otherwise anywhere; a folder covers what is in it. */
export function covers(pattern: string, path: string): boolean {
  const parts = pattern.replace(/^\/|\/$/g, '').split('/')
  const isRooted = /\/./.test(pattern)
  // What is behind it covers too, but where the last part is a `*`, which stays in its folder.
  const staysInFolder = isRooted && parts.at(-1) === '*'
  return matches(isRooted || parts[0] === '**' ? parts : ['**', ...parts], path.split('/'), !staysInFolder)
}

/** Each part against each, once: a pattern may be written so that trying would never end. */
function matches(parts: readonly string[], segments: readonly string[], coversBelow: boolean): boolean {
  // Positions in the path that the pattern so far can have come to.
  let reached = new Set([0])
  for (const part of parts) {
    const next = new Set<number>()
    for (const at of reached)
      if (part === '**') for (let further = at; further <= segments.length; further++) next.add(further)
      else if (segments[at] !== undefined && matchesSegment(part, segments[at])) next.add(at + 1)
    reached = next
  }
  return coversBelow ? reached.size > 0 && [...reached].some((at) => at > 0) : reached.has(segments.length)
}

/** `*` and `?` in one name. After a mismatch only the last star gives way, as any earlier one could do no more. */
function matchesSegment(pattern: string, name: string): boolean {
  let [at, star, mark] = [0, -1, 0]
  let index = 0
  while (index < name.length) {
    if (at < pattern.length && pattern[at] === '*') [star, mark] = [at++, index]
    else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[index])) [at, index] = [at + 1, index + 1]
    else if (star !== -1) [at, index] = [star + 1, ++mark]
    else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
