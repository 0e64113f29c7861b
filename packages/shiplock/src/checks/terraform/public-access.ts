import { grantsIn, publicMembers } from './grants.ts'
import { at, type TerraformRule } from './rule.ts'

/** Grants on some kinds of resources to everyone. */
export const grantedToEveryone = (isMeant: (on: string) => boolean): NonNullable<TerraformRule['examine']> =>
  function* (module) {
    for (const grant of grantsIn(module)) {
      if (!isMeant(grant.on)) continue
      for (const member of publicMembers(grant)) {
        const role = typeof grant.role.value === 'string' ? ` ${grant.role.value}` : ' a role'
        yield at(member, `${grant.resource.address} gives ${String(member.value)}${role}`)
      }
    }
  }
