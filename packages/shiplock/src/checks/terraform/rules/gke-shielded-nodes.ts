import { cisGke, eachField, type TerraformRule } from '../rule.ts'

export const gkeShieldedNodes: TerraformRule = {
  id: 'terraform/gke-shielded-nodes',
  title: 'The nodes of a cluster do not prove what they are',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-1188',
  recommendation: cisGke('5.5: shielded nodes are enabled'),
  fix: 'Remove `enable_shielded_nodes = false`.',
  examine: eachField(['google_container_cluster'], 'enable_shielded_nodes', ({ value }) => (value === false ? 'has shielded nodes turned off' : undefined)),
}
