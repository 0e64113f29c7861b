import { cis, type TerraformRule } from '../rule.ts'
import { metadataOf } from '../metadata.ts'

export const instanceSerialPort: TerraformRule = {
  id: 'terraform/instance-serial-port',
  title: 'The serial port of virtual machines is open',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-284',
  recommendation: cis('4.5'),
  fix: 'Take `serial-port-enable` away; it has no list of addresses and no audit.',
  examine: metadataOf('serial-port-enable', (value) => (value === 'true' || value === '1' ? 'has an interactive serial port' : undefined)),
}
