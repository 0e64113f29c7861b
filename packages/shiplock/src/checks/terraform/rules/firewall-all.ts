import type { TerraformRule } from '../rule.ts'
import { opened } from '../firewall.ts'

export const firewallAll: TerraformRule = {
  id: 'terraform/firewall-all',
  title: 'Every port is open to the internet',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-284',
  recommendation: 'CIS Google Cloud Platform Foundation Benchmark 3.0.0, 3.6 and 3.7; Google Cloud VPC, "Use VPC firewall rules": least privilege',
  fix: 'Name the ports that are served, and only the addresses that need them.',
  examine: opened(({ protocol, isAll }) => (isAll ? (protocol === 'all' ? 'every protocol and port' : `every ${protocol} port`) : undefined)),
}
