import { cis, at, type TerraformRule } from '../rule.ts'

export const instanceShieldedVm: TerraformRule = {
  id: 'terraform/instance-shielded-vm',
  title: 'A virtual machine boots what nobody has verified',
  severity: 'low',
  confidence: 'high',
  recommendation: cis('4.8'),
  fix: 'Leave `enable_vtpm` and `enable_integrity_monitoring` on, and set `enable_secure_boot = true`.',
  *examine(module) {
    for (const { address, find } of module.resources('google_compute_instance', 'google_compute_instance_template'))
      for (const part of ['enable_vtpm', 'enable_integrity_monitoring']) {
        const field = find(`shielded_instance_config.${part}`)
        if (field.value === false) yield at(field, `${address} turns ${part} off`)
      }
  },
}
