import { cis, type TerraformRule } from '../rule.ts'
import { opened } from '../firewall.ts'

export const firewallSsh: TerraformRule = {
  id: 'terraform/firewall-ssh',
  title: 'SSH is open to the internet',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-284',
  recommendation: cis('3.6'),
  fix: 'Allow port 22 only from `35.235.240.0/20` and tunnel through Identity-Aware Proxy.',
  examine: opened(({ protocol, includes, isAll }) => (!isAll && protocol === 'tcp' && includes(22) ? 'SSH' : undefined)),
}
