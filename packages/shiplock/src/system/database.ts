import { chmodSync, existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'

/**
 * Opens a database of SQLite in a file of its owner's alone, and makes it where there is none. Throws what SQLite says where the file
 * is none. A reader and a writer do not wait for each other.
 */
export async function openDatabase(path: string): Promise<DatabaseSync> {
  // Loading it takes longer than a command that has nothing to do, and only who keeps or looks at runs needs it.
  const { DatabaseSync: Database } = await import('node:sqlite')
  const isNew = !existsSync(path)
  const database = new Database(path, { timeout: 5000, enableForeignKeyConstraints: true })
  if (isNew) chmodSync(path, 0o600)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
  return database
}

/** Whether there is one. */
export const hasDatabase = (path: string): boolean => existsSync(path)
