import type { Resource } from './module.ts'

/** A replica is backed up and protected through its primary; a clone too takes its settings from elsewhere. */
export const isReplica = ({ find, view }: Resource): boolean => find('master_instance_name').state !== 'absent' || view.blocks('clone').length > 0 || view.blocks('replica_configuration').length > 0

/** Whether the edition is surely the one without backups by default; Enterprise Plus has them. */
export function isPlainEdition({ find }: Resource): boolean {
  const edition = find('settings.edition')
  return edition.state === 'absent' || edition.value === 'ENTERPRISE'
}

/** `POSTGRES_17`; undefined where it is not known. */
export function databaseVersion({ find }: Resource): string | undefined {
  const { value } = find('database_version')
  return typeof value === 'string' ? value : undefined
}
