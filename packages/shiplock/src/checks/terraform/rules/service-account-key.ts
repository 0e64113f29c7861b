import type { TerraformRule } from '../rule.ts'

export const serviceAccountKey: TerraformRule = {
  id: 'terraform/service-account-key',
  title: 'A key of a service account is made',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-798',
  recommendation: 'CIS Google Cloud Platform Foundation Benchmark 3.0.0, 1.4',
  fix: 'Use Workload Identity Federation, an attached service account or impersonation; a key does not expire and its private half is in the state.',
  *examine(module) {
    for (const { address, view } of module.resources('google_service_account_key'))
      // With `public_key_data` the private half was made elsewhere and is not in the state.
      if (view.find('public_key_data').state === 'absent') yield { message: `${address} makes a private key and keeps it in the state`, place: view.place, isAssumed: view.isAssumed }
  },
}
