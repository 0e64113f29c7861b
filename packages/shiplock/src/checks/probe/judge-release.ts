import type { FindingDraft } from '@shiplock/findings'
import type { ReleaseStates, RevisionState } from '../check.ts'
import { found, quoted } from './requester.ts'
import { digestNotApproved } from './rules/digest-not-approved.ts'
import { environmentNotApproved } from './rules/environment-not-approved.ts'
import { ingressNotApproved } from './rules/ingress-not-approved.ts'

/** Whether what runs is what was approved. Of the environment names are said and never values: they may be secrets. */
export function judgeRelease({ approved, running }: ReleaseStates): FindingDraft[] {
  return [
    ...(running.digest === approved.digest ? [] : [found(digestNotApproved, `the revision runs ${quoted(running.digest)}, and ${approved.digest} was approved`)]),
    ...environmentDifferences(approved, running).map((difference) => found(environmentNotApproved, `the environment of the revision: ${difference}`)),
    ...(approved.ingress === undefined || running.ingress === approved.ingress ? [] : [found(ingressNotApproved, `the ingress is ${quoted(running.ingress ?? 'not told')}, and ${approved.ingress} was approved`)]),
  ]
}

function environmentDifferences({ env: approved }: RevisionState, { env: running }: RevisionState): string[] {
  const names = [...new Set([...approved.keys(), ...running.keys()])].toSorted()
  return names.flatMap((name) => {
    const shown = quoted(name)
    if (!running.has(name)) return [`${shown} is missing`]
    if (!approved.has(name)) return [`${shown} was not approved`]
    return running.get(name) === approved.get(name) ? [] : [`${shown} has another value than was approved`]
  })
}
