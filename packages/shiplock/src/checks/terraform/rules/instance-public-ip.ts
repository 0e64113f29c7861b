import { cis, type TerraformRule } from '../rule.ts'

export const instancePublicIp: TerraformRule = {
  id: 'terraform/instance-public-ip',
  title: 'A virtual machine has a public address',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-668',
  recommendation: cis('4.9'),
  fix: 'Take the `access_config` block away; go out through Cloud NAT and in through Identity-Aware Proxy or a load balancer.',
  *examine(module) {
    for (const { address, view } of module.resources('google_compute_instance', 'google_compute_instance_template', 'google_compute_region_instance_template', 'google_compute_instance_from_template'))
      for (const card of view.blocks('network_interface'))
        for (const access of card.blocks('access_config').slice(0, 1))
          if (!access.isUncertain) yield { message: `${address} has a public address`, place: access.place, isAssumed: access.isAssumed }
  },
}
