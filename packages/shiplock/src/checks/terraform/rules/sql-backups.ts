import { cis, eachField, type TerraformRule } from '../rule.ts'
import { isPlainEdition, isReplica } from '../sql.ts'

export const sqlBackups: TerraformRule = {
  id: 'terraform/sql-backups',
  title: 'A Cloud SQL instance is not backed up',
  severity: 'high',
  confidence: 'high',
  recommendation: cis('6.7'),
  fix: 'Set `enabled = true` in `backup_configuration`.',
  examine: eachField(['google_sql_database_instance'], 'settings.backup_configuration.enabled', ({ state, value }, resource) =>
    !isReplica(resource) && ((state === 'absent' && isPlainEdition(resource)) || value === false) ? 'has no automated backups' : undefined,
  ),
}
