import { type Finding } from '@shiplock/findings'
import type { Acceptance } from './foreign-acceptances.ts'

/** A waiver that is not written yet; `shiplock.waivers.yaml` has a list of them. */
export interface WaiverDraft {
  readonly rule: string
  readonly path?: string
  readonly purl?: string
  readonly advisory?: string
  readonly fingerprint?: string
  readonly reason: string
  readonly owner: string
  readonly expires: string
}

export interface CarriedOver {
  readonly waivers: readonly WaiverDraft[]
  /** The findings that they cover. */
  readonly covered: ReadonlySet<Finding>
  /** What covers nothing that was found now, and so was not carried over. */
  readonly left: readonly Acceptance[]
}

/** How long what is carried over holds, at most: long enough to look at it again, no longer. Days. */
const daysToLookAgain = 90

/** Which of our rules find what a rule of an ESLint plugin finds. `secrets/` stands for all rules of a check. */
const sameAs: Readonly<Record<string, readonly string[]>> = {
  'security/detect-child-process': ['sast/command-injection', 'sast/shell-command', 'sast/argument-injection'],
  'security/detect-eval-with-expression': ['sast/code-injection', 'sast/dynamic-code'],
  'no-eval': ['sast/code-injection', 'sast/dynamic-code'],
  'no-implied-eval': ['sast/code-injection', 'sast/dynamic-code'],
  'no-new-func': ['sast/code-injection', 'sast/dynamic-code'],
  'security/detect-non-literal-fs-filename': ['sast/path-traversal', 'sast/zip-slip'],
  'security/detect-non-literal-regexp': ['sast/regex-injection'],
  'security/detect-non-literal-require': ['sast/untrusted-module', 'sast/code-injection'],
  'security/detect-object-injection': ['sast/prototype-pollution', 'sast/unvalidated-method-call'],
  'security/detect-possible-timing-attacks': ['sast/timing-unsafe-comparison'],
  'security/detect-pseudoRandomBytes': ['sast/insecure-randomness'],
  'security/detect-unsafe-regex': ['sast/redos-exponential', 'sast/redos-polynomial'],
  'security/detect-disable-mustache-escape': ['sast/cross-site-scripting', 'sast/template-injection'],
  'security/detect-no-csrf-before-method-override': ['sast/csrf-protection'],
  'react/no-danger': ['sast/cross-site-scripting'],
  'no-secrets/no-secrets': ['secrets/'],
}

/** Every rule of ours that stands for one of theirs. */
export const carriedRules: readonly string[] = [...new Set(Object.values(sameAs).flat())]

/**
 * Makes waivers of what other tools were told to leave alone, each for the one finding that it meant. What meant nothing
 * that is found now waives nothing: it is told, and not written.
 */
export function carryOver(acceptances: readonly Acceptance[], findings: readonly Finding[], { owner, today }: { readonly owner: string; readonly today: string }): CarriedOver {
  const waivers: WaiverDraft[] = []
  const covered = new Set<Finding>()
  const left: Acceptance[] = []
  for (const acceptance of acceptances) {
    const expires = lastDay(today, acceptance.until)
    const meant = expires === undefined ? [] : findings.filter((finding) => isMeant(acceptance, finding))
    // A comment of ESLint's about a rule that nothing of ours stands for is ESLint's business.
    if (meant.length === 0 && (acceptance.about.kind !== 'code' || acceptance.id in sameAs)) left.push(acceptance)
    for (const finding of meant) {
      if (covered.has(finding)) continue
      covered.add(finding)
      const draft = toWaiver(finding, acceptance, { owner, expires: expires! })
      const isThere = waivers.some((other) => other.rule === draft.rule && other.purl !== undefined && other.purl === draft.purl && other.advisory === draft.advisory)
      if (!isThere) waivers.push(draft)
    }
  }
  return { waivers, covered, left }
}

/** Undefined where the other tool would not heed it any more. */
function lastDay(today: string, until: string | undefined): string | undefined {
  if (until !== undefined && until < today) return undefined
  const latest = new Date(Date.parse(`${today}T00:00:00Z`) + daysToLookAgain * 86_400_000).toISOString().slice(0, 10)
  return until !== undefined && until < latest ? until : latest
}

function isMeant({ id, about }: Acceptance, { rule, location, purl, advisory }: Finding): boolean {
  switch (about.kind) {
    case 'advisory': {
      const names = advisory ? [advisory.id, ...advisory.aliases] : []
      return names.some((name) => name.toLowerCase() === id.toLowerCase()) && (about.purls === undefined || about.purls.some((named) => purl === named || purl?.startsWith(`${named}@`)))
    }
    case 'secret':
      return rule.startsWith('secrets/') && location?.path === about.path && location.startLine === about.line
    case 'code':
      return (sameAs[id] ?? []).some((ours) => (ours.endsWith('/') ? rule.startsWith(ours) : rule === ours)) && location?.path === about.path && location.startLine !== undefined && location.startLine >= about.from && location.startLine <= (about.to ?? Infinity)
    case 'other':
      return false
  }
}

function toWaiver({ rule, purl, location, advisory, fingerprint }: Finding, { source, id, reason, about }: Acceptance, { owner, expires }: { owner: string; expires: string }): WaiverDraft {
  const why = `${reason === undefined ? '' : `${reason} `}(accepted before, in ${source}: ${id})`
  if (advisory && purl !== undefined) return { rule, purl, advisory: about.kind === 'advisory' ? id : advisory.id, reason: why, owner, expires }
  return { rule, path: location?.path ?? '.', fingerprint, reason: why, owner, expires }
}
