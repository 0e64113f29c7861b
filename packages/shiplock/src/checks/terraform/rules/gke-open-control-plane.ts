import { at, cisGke, type TerraformRule } from '../rule.ts'

export const gkeOpenControlPlane: TerraformRule = {
  id: 'terraform/gke-open-control-plane',
  title: 'The control plane of a cluster is open to the internet',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-284',
  recommendation: cisGke('5.6: control plane authorized networks is enabled'),
  fix: 'Name the networks that administer the cluster, or use a private endpoint.',
  *examine(module) {
    for (const { address, view } of module.resources('google_container_cluster'))
      for (const networks of view.blocks('master_authorized_networks_config'))
        for (const block of networks.blocks('cidr_blocks')) {
          const range = block.find('cidr_block')
          if (range.value === '0.0.0.0/0') yield at(range, `${address} lets 0.0.0.0/0 reach its control plane`)
        }
  },
}
