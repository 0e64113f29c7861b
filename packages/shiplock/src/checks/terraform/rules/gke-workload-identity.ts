import { cisGke, eachField, type TerraformRule } from '../rule.ts'

export const gkeWorkloadIdentity: TerraformRule = {
  id: 'terraform/gke-workload-identity',
  title: 'The pods of a cluster act as its nodes',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-250',
  recommendation: cisGke('5.2: dedicated service accounts and Workload Identity'),
  fix: 'Add `workload_identity_config { workload_pool = "PROJECT.svc.id.goog" }`.',
  examine: eachField(['google_container_cluster'], 'workload_identity_config.workload_pool', ({ state }, { find }) => {
    // Autopilot always has it.
    const autopilot = find('enable_autopilot')
    return state === 'absent' && (autopilot.state === 'absent' || autopilot.value === false) ? 'has no Workload Identity' : undefined
  }),
}
