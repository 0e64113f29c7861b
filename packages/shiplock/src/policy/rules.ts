import type { Rule } from '@shiplock/findings'

/** What can be wrong with waivers, baseline and gates themselves; `policy.md` has a section on each. */
export const policyRules = [
  {
    id: 'policy/loosened',
    title: 'The change would loosen the policy that judges it',
    severity: 'high',
    confidence: 'high',
    fix: 'Have the code owners approve it; it takes effect once it is merged, and until then the merge base\'s policy judges.',
  },
  {
    id: 'policy/tool-comment-added',
    title: 'The change hides something from a tool that Shiplock runs',
    severity: 'low',
    confidence: 'high',
    fix: 'Fix what the tool finds, or waive it with `shiplock-ignore RULE -- reason`, which stays visible.',
  },
  {
    id: 'policy/invalid-waiver',
    title: 'A waiver that cannot be read',
    severity: 'medium',
    confidence: 'high',
    fix: 'Write rule, path or purl, reason, owner and expires (YYYY-MM-DD, at most 180 days ahead), or remove it.',
  },
  {
    id: 'policy/waiver-without-rule',
    title: 'A waiver that names no rule',
    severity: 'medium',
    confidence: 'high',
    fix: 'Name the rule as findings do, `shiplock-ignore RULE -- reason`, or remove the comment.',
  },
  {
    id: 'policy/waiver-without-reason',
    title: 'A waiver without a reason',
    severity: 'medium',
    confidence: 'high',
    fix: 'Say why behind two dashes: `shiplock-ignore RULE -- reason`.',
  },
  {
    id: 'policy/waiver-without-advisory',
    title: 'A waiver of a vulnerability that does not say of which',
    severity: 'medium',
    confidence: 'high',
    fix: 'Write one entry for each flaw in `shiplock.waivers.yaml`, with its `purl` and its `advisory`.',
  },
  {
    id: 'policy/expired-waiver',
    title: 'A waiver that has expired',
    severity: 'low',
    confidence: 'high',
    fix: 'Fix what it covered, or look at it again and give it a new date.',
  },
  {
    id: 'policy/unused-waiver',
    title: 'A waiver that covers nothing',
    severity: 'low',
    confidence: 'high',
    fix: 'Remove it: the next finding there should be seen.',
  },
  {
    id: 'policy/invalid-baseline',
    title: 'A baseline that cannot be read',
    severity: 'medium',
    confidence: 'high',
    fix: 'Take it from the last commit in which it could be read, or write it again with `shiplock baseline`.',
  },
  {
    id: 'policy/prunable-baseline',
    title: 'Baseline entries whose finding is gone',
    severity: 'low',
    confidence: 'high',
    fix: 'Run `shiplock baseline`: an entry that stays would accept the next flaw of its kind.',
  },
] as const satisfies readonly Rule[]

export type PolicyRuleId = (typeof policyRules)[number]['id']
