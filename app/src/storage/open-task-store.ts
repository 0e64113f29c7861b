import type { Log } from '../observability/log.ts'
import type { TaskStore } from '../tasks/task-store.ts'
import type { DatabaseSettings } from './database-settings.ts'
import { openSqliteTaskStore } from './sqlite-task-store.ts'

/** Opens the store that the settings name, and brings its tables up to date. Rejects with what is wrong and what to do. */
export async function openTaskStore(settings: DatabaseSettings, log: Log): Promise<TaskStore> {
  if (settings.kind === 'sqlite') return openSqliteTaskStore(settings.path, { log })
  const { openMysqlTaskStore } = await import('./mysql-task-store.ts')
  return openMysqlTaskStore(settings, log)
}
