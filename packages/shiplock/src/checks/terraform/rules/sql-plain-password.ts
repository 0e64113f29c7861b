import { at, type TerraformRule } from '../rule.ts'

const passwords: readonly (readonly [type: string, ...paths: string[]])[] = [
  ['google_sql_user', 'password', 'password_wo'],
  ['google_sql_database_instance', 'root_password', 'root_password_wo', 'replica_configuration.password'],
  ['google_alloydb_cluster', 'initial_user.password'],
  ['google_container_cluster', 'master_auth.password'],
]

export const sqlPlainPassword: TerraformRule = {
  id: 'terraform/sql-plain-password',
  title: 'A password of a database is written in the configuration',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-798',
  recommendation: 'Google Cloud, "Best practices for using Terraform securely": do not store secrets in configuration',
  fix: 'Use IAM database authentication, or hand the password in as `password_wo` from an ephemeral resource; then change it, since the old one is known.',
  *examine(module) {
    for (const [type, ...paths] of passwords)
      for (const { address, find } of module.resources(type))
        for (const path of paths) {
          const field = find(path)
          if (typeof field.value === 'string' && field.value !== '') yield { ...at(field, `${address} has its ${path} in plain text`), secret: field.value }
        }
  },
}
