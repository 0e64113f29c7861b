import { cis, type TerraformRule } from '../rule.ts'
import { opened } from '../firewall.ts'

export const firewallRdp: TerraformRule = {
  id: 'terraform/firewall-rdp',
  title: 'RDP is open to the internet',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-284',
  recommendation: cis('3.7'),
  fix: 'Allow port 3389 only from `35.235.240.0/20` and tunnel through Identity-Aware Proxy.',
  examine: opened(({ protocol, includes, isAll }) => (!isAll && protocol === 'tcp' && includes(3389) ? 'RDP' : undefined)),
}
