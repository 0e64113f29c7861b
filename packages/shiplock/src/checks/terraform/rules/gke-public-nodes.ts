import { cisGke, eachField, type TerraformRule } from '../rule.ts'

export const gkePublicNodes: TerraformRule = {
  id: 'terraform/gke-public-nodes',
  title: 'The nodes of a cluster have public addresses',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-668',
  recommendation: cisGke('5.6: clusters are created with private nodes'),
  fix: 'Set `enable_private_nodes = true` in `private_cluster_config`.',
  examine: eachField(['google_container_cluster'], 'private_cluster_config.enable_private_nodes', ({ state, value }, { find }) =>
    value === false || (state === 'absent' && find('network_config').state === 'absent') ? 'has nodes with public addresses' : undefined,
  ),
}
