import { at, cisGke, type TerraformRule } from '../rule.ts'

export const gkeNodeServiceAccount: TerraformRule = {
  id: 'terraform/gke-node-service-account',
  title: 'The nodes of a cluster run as the default service account',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-250',
  recommendation: cisGke('5.2: clusters do not run as the Compute Engine default service account'),
  fix: 'Make a service account with `roles/container.defaultNodeServiceAccount` and name it as `service_account`.',
  *examine(module) {
    // A cluster without a node_config of its own has its pools elsewhere, or none that stays.
    for (const { address, view } of module.resources('google_container_node_pool', 'google_container_cluster'))
      for (const config of view.blocks('node_config')) {
        const account = config.find('service_account')
        if (account.state === 'absent' || account.value === 'default' || account.value === '') yield at(account, `${address} has nodes that run as the default service account`)
      }
  },
}
