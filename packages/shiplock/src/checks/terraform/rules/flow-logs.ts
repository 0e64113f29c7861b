import { cis, eachField, type TerraformRule } from '../rule.ts'

/** Subnetworks of these purposes cannot have flow logs. */
const without = new Set<unknown>(['REGIONAL_MANAGED_PROXY', 'GLOBAL_MANAGED_PROXY', 'INTERNAL_HTTPS_LOAD_BALANCER', 'PRIVATE_SERVICE_CONNECT', 'PRIVATE_NAT'])

export const flowLogs: TerraformRule = {
  id: 'terraform/flow-logs',
  title: 'A subnetwork has no flow logs',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-778',
  recommendation: cis('3.8'),
  fix: 'Add a `log_config` block.',
  examine: eachField(['google_compute_subnetwork'], 'log_config', ({ state }, { find }) => {
    const purpose = find('purpose')
    return state === 'absent' && purpose.state !== 'unknown' && (purpose.state === 'absent' || (purpose.value !== undefined && !without.has(purpose.value))) ? 'has no flow logs' : undefined
  }),
}
