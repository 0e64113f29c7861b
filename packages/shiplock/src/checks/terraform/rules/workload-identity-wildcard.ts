import { grantsIn } from '../grants.ts'
import { at, type TerraformRule } from '../rule.ts'
import { pattern } from '../value.ts'

export const workloadIdentityWildcard: TerraformRule = {
  id: 'terraform/workload-identity-wildcard',
  title: 'Every identity of a workload identity pool is given a role',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-284',
  recommendation: 'Google Cloud IAM, "Best practices for using Workload Identity Federation": do not grant access to all members of a pool',
  fix: 'Name the attribute that singles the workload out, such as `/attribute.repository/owner/name`.',
  *examine(module) {
    for (const { resource, members } of grantsIn(module))
      for (const member of members)
        if (/^principalSet:\/\/.*\/\*$/su.test(pattern(member.raw) ?? '')) yield at(member, `${resource.address} gives a role to every identity of the pool`)
  },
}
