import { matchesGlob } from 'node:path'
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
  const patterns = owners === undefined ? [] : patternsOf((await textOf(tree, owners)) ?? '')
  const workflow = tree.paths.find((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path))
  const terraform = tree.paths.find((path) => path.endsWith('.tf') && !isSample(path))
  for (const [what, path] of [['workflows', workflow], ['Terraform', terraform]] as const) {
    if (path === undefined || patterns.some((pattern) => covers(pattern, path))) continue
    findings.push(finding(codeownersMissing, owners === undefined ? `there is no CODEOWNERS, so nobody has to look at ${what}` : `no line of ${owners} names an owner of ${what}`, owners ?? path))
  }
  return findings
}

/** Those with an owner; a line without one takes ownership away. */
const patternsOf = (text: string): string[] =>
  text.split(/\r?\n/).flatMap((line) => {
    const [pattern, owner] = line.replace(/#.*/, '').trim().split(/\s+/)
    return pattern !== undefined && pattern !== '' && owner !== undefined ? [pattern] : []
  })

/** As git reads patterns: with a slash in it from the root, otherwise anywhere; a folder covers what is in it. */
function covers(pattern: string, path: string): boolean {
  const bare = pattern.replace(/^\/|\/$/g, '')
  const isRooted = /\/./.test(pattern)
  if (bare === '' || bare === '*' || bare === '**') return true
  // matchesGlob does not descend into hidden folders.
  const visible = (text: string) => text.replace(/(^|\/)\./g, '$1_')
  return [bare, `${bare}/**`, ...(isRooted ? [] : [`**/${bare}`, `**/${bare}/**`])].some((glob) => matchesGlob(visible(path), visible(glob)))
}
