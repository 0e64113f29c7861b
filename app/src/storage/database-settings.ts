import type { ConfigProblem } from '../config.ts'

/** Where tasks are kept. */
export type DatabaseSettings =
  | { readonly kind: 'sqlite'; readonly path: string }
  | {
      readonly kind: 'mysql'
      readonly user: string
      readonly database: string
      /** Absent: the database asks for none (a Unix socket), or IAM authentication. */
      readonly password?: string
      readonly server:
        | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
        | { readonly kind: 'socket'; readonly path: string }
        /** Through the Cloud SQL connector: project:region:instance. */
        | { readonly kind: 'cloud-sql'; readonly instance: string }
      /** The certificates that the server's must come from, in PEM; absent, those that the system trusts. */
      readonly caPath?: string
      /** The most connections of this process. */
      readonly pool: number
    }

/** The settings, undefined when nothing is set; or all that is wrong with them. */
export type DatabaseSettingsResult =
  | { readonly ok: true; readonly settings: DatabaseSettings | undefined }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/** Reads DATABASE, DATABASE_PASSWORD, DATABASE_CA, DATABASE_POOL and CLOUD_SQL_INSTANCE. */
export function readDatabaseSettings(given: (variable: string) => string | undefined): DatabaseSettingsResult {
  const text = given('DATABASE')
  if (text === undefined) return { ok: true, settings: undefined }
  if (text.startsWith('sqlite:') && text.length > 'sqlite:'.length) {
    return { ok: true, settings: { kind: 'sqlite', path: text.slice('sqlite:'.length) } }
  }
  // The value may hold a password (`mysql://user:password@…`), so only its scheme is repeated.
  const scheme = /^[a-z0-9+]+:/i.exec(text)?.[0] ?? 'no scheme'
  const message = `DATABASE has ${scheme}; give sqlite:PATH, such as sqlite:/var/lib/todo/todo.db`
  return { ok: false, problems: [{ variable: 'DATABASE', message }] }
}
