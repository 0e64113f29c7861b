import { cis, eachField, type TerraformRule } from '../rule.ts'

export const instanceIpForwarding: TerraformRule = {
  id: 'terraform/instance-ip-forwarding',
  title: 'A virtual machine may send packets under other addresses',
  severity: 'low',
  confidence: 'high',
  recommendation: cis('4.6'),
  fix: 'Take `can_ip_forward = true` away, unless the machine is a router or NAT.',
  examine: eachField(['google_compute_instance', 'google_compute_instance_template'], 'can_ip_forward', ({ value }) => (value === true ? 'may forward packets' : undefined)),
}
