import { cis, eachField, type TerraformRule } from '../rule.ts'

export const sqlTls: TerraformRule = {
  id: 'terraform/sql-tls',
  title: 'A Cloud SQL instance takes connections without TLS',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-319',
  recommendation: cis('6.4'),
  fix: 'Set `ssl_mode = "ENCRYPTED_ONLY"`, or `"TRUSTED_CLIENT_CERTIFICATE_REQUIRED"`.',
  examine: eachField(['google_sql_database_instance'], 'settings.ip_configuration.ssl_mode', ({ state, value }, { find }) => {
    if (value === 'ALLOW_UNENCRYPTED_AND_ENCRYPTED') return 'takes connections without TLS'
    const older = find('settings.ip_configuration.require_ssl')
    if (state !== 'absent' || older.state === 'unknown' || (older.state === 'set' && older.value !== false) || find('settings.tier').state === 'absent') return undefined
    return 'takes connections without TLS, since it has no ssl_mode'
  }),
}
