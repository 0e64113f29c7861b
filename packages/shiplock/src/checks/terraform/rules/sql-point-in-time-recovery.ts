import { eachField, type TerraformRule } from '../rule.ts'
import { databaseVersion, isPlainEdition, isReplica } from '../sql.ts'

export const sqlPointInTimeRecovery: TerraformRule = {
  id: 'terraform/sql-point-in-time-recovery',
  title: 'A Cloud SQL instance cannot go back to a point in time',
  severity: 'medium',
  confidence: 'high',
  recommendation: 'Google Cloud SQL, "Use point-in-time recovery (PITR)"',
  fix: 'Set `point_in_time_recovery_enabled = true`, or `binary_log_enabled = true` for MySQL.',
  examine: eachField(['google_sql_database_instance'], 'settings.backup_configuration.enabled', ({ value }, resource) => {
    const path = databaseVersion(resource)?.startsWith('MYSQL') ? 'binary_log_enabled' : 'point_in_time_recovery_enabled'
    const field = resource.find(`settings.backup_configuration.${path}`)
    // Without backups at all that is what is said.
    if (isReplica(resource) || databaseVersion(resource) === undefined || value !== true) return undefined
    return (field.state === 'absent' && isPlainEdition(resource)) || field.value === false ? `cannot go back to a point in time: ${path} is not set` : undefined
  }),
}
