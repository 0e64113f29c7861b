import { cis, eachField, type TerraformRule } from '../rule.ts'

export const sqlPublicIp: TerraformRule = {
  id: 'terraform/sql-public-ip',
  title: 'A Cloud SQL instance has a public address',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-668',
  recommendation: cis('6.6'),
  fix: 'Set `ipv4_enabled = false` and give it a `private_network` or Private Service Connect.',
  examine: eachField(['google_sql_database_instance'], 'settings.ip_configuration.ipv4_enabled', ({ state, value }, { find }) => {
    if (value === true) return 'has a public address'
    // A clone or a replica without settings takes them from its source.
    if (state !== 'absent' || find('settings.tier').state === 'absent' || find('settings.ip_configuration.psc_config.psc_enabled').state !== 'absent') return undefined
    return 'has a public address, which is the default'
  }),
}
