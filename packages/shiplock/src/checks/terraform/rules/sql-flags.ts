import { cis, type TerraformRule } from '../rule.ts'
import { databaseVersion } from '../sql.ts'
import type { View } from '../view.ts'

/** Flags by engine, what they should be, and the number of the recommendation. */
const wanted: readonly (readonly [engine: string, flag: string, value: string, number: string])[] = [
  ['MYSQL', 'skip_show_database', 'on', '6.1.2'],
  ['MYSQL', 'local_infile', 'off', '6.1.3'],
  ['POSTGRES', 'log_connections', 'on', '6.2.2'],
  ['POSTGRES', 'log_disconnections', 'on', '6.2.3'],
  ['POSTGRES', 'log_min_duration_statement', '-1', '6.2.7'],
  ['POSTGRES', 'cloudsql.enable_pgaudit', 'on', '6.2.8'],
  ['SQLSERVER', 'external scripts enabled', 'off', '6.3.1'],
  ['SQLSERVER', 'cross db ownership chaining', 'off', '6.3.2'],
  ['SQLSERVER', 'remote access', 'off', '6.3.5'],
  ['SQLSERVER', 'contained database authentication', 'off', '6.3.7'],
]

export const sqlFlags: TerraformRule = {
  id: 'terraform/sql-flags',
  title: 'A database flag is set to what weakens the database',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-1188',
  recommendation: `${cis('6.1 to 6.3')}`,
  fix: 'Set the flag as the message says.',
  *examine(module) {
    for (const resource of module.resources('google_sql_database_instance')) {
      const version = databaseVersion(resource)
      const flags = resource.view.blocks('settings').flatMap((settings) => settings.blocks('database_flags'))
      for (const [engine, name, value, number] of wanted) {
        const flag = version?.startsWith(engine) ? flags.find((it) => it.find('name').value === name) : undefined
        if (flag && isOtherThan(flag, value)) yield { message: `${resource.address} sets ${name} to ${String(flag.find('value').value)}, not ${value} (CIS ${number})`, place: flag.find('value').place, isAssumed: flag.isAssumed }
      }
    }
  },
}

function isOtherThan(flag: View, wantedValue: string): boolean {
  const { value } = flag.find('value')
  return value !== undefined && String(value).toLowerCase() !== wantedValue
}
