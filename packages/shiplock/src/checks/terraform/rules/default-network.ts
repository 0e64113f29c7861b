import { cis, at, type TerraformRule } from '../rule.ts'

export const defaultNetwork: TerraformRule = {
  id: 'terraform/default-network',
  title: 'The default network is used',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-1188',
  recommendation: cis('3.1'),
  fix: 'Make a network with `auto_create_subnetworks = false` and only the rules that are needed; its default rules let SSH and RDP in from everywhere.',
  *examine(module) {
    for (const [type, block] of [['google_compute_instance', 'network_interface'], ['google_compute_instance_template', 'network_interface']] as const)
      for (const { address, view } of module.resources(type))
        for (const card of view.blocks(block)) {
          const network = card.find('network')
          if (network.value === 'default') yield at(network, `${address} is in the default network`)
        }
    for (const { address, find } of module.resources('google_container_cluster', 'google_compute_firewall', 'google_compute_subnetwork')) {
      const network = find('network')
      if (network.value === 'default') yield at(network, `${address} is in the default network`)
    }
    for (const { address, find } of module.resources('google_project')) {
      const made = find('auto_create_network')
      if (made.value === true) yield at(made, `${address} has a default network made`)
    }
  },
}
