import { isEveryone } from '../grants.ts'
import { grantedToEveryone } from '../public-access.ts'
import { at, cis, type TerraformRule } from '../rule.ts'

const granted = grantedToEveryone((on) => on.startsWith('google_storage_'))

export const bucketPublic: TerraformRule = {
  id: 'terraform/bucket-public',
  title: 'A bucket is public',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-284',
  recommendation: cis('5.1'),
  fix: 'Name the principals that read it; for a public site, put the load balancer in front and waive this where it is meant.',
  *examine(module) {
    yield* granted(module)
    for (const { address, find } of module.resources('google_storage_bucket_access_control', 'google_storage_default_object_access_control', 'google_storage_object_access_control')) {
      const entity = find('entity')
      if (isEveryone(entity.value)) yield at(entity, `${address} lets ${String(entity.value)} in`)
    }
    for (const { address, find, view } of module.resources('google_storage_bucket_acl', 'google_storage_object_acl', 'google_storage_default_object_acl')) {
      const acl = find('predefined_acl')
      if (typeof acl.value === 'string' && /^(?:public|authenticated)Read/.test(acl.value)) yield at(acl, `${address} has the ACL ${acl.value}`)
      for (const entry of view.items('role_entity')) if (/:all(?:Authenticated)?Users$/.test(String(entry.value))) yield at(entry, `${address} has the entry ${String(entry.value)}`)
    }
  },
}
