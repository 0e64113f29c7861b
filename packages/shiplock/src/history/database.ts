import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { RunRecord } from '@shiplock/findings'
import { hasDatabase, openDatabase } from '../system/database.ts'

/** A run as lists of runs show it. */
export interface RunRow {
  readonly id: string
  readonly command: string
  /** RFC 3339, UTC. */
  readonly startedAt: string
  readonly durationMs: number
  readonly exitCode: number
  readonly decision: string
  readonly tree: string
  readonly commit?: string
  readonly isDirty: boolean
  readonly target: string
}

/** Digests of the files of a tree, by path. */
export type TreeFiles = Readonly<Record<string, string>>

/** Whole records are kept of as many runs; of older ones what trends are made of. */
const mostRecords = 100
const mostRuns = 5000
const formatVersion = 1

const tables = `
  CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, command TEXT, started_at TEXT, duration_ms INTEGER, exit_code INTEGER, decision TEXT, tree TEXT, commit_id TEXT, dirty INTEGER, target TEXT, record BLOB) STRICT;
  CREATE INDEX IF NOT EXISTS runs_started ON runs (started_at);
  CREATE TABLE IF NOT EXISTS stages (run_id TEXT REFERENCES runs (id) ON DELETE CASCADE, stage TEXT, inputs TEXT, status TEXT, looked INTEGER, replayed INTEGER, duration_ms INTEGER, PRIMARY KEY (run_id, stage)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS findings (run_id TEXT REFERENCES runs (id) ON DELETE CASCADE, fingerprint TEXT, check_id TEXT, rule TEXT, severity TEXT, path TEXT, message TEXT, state TEXT) STRICT;
  CREATE INDEX IF NOT EXISTS findings_run ON findings (run_id);
  CREATE INDEX IF NOT EXISTS findings_fingerprint ON findings (fingerprint);
  CREATE TABLE IF NOT EXISTS trees (digest TEXT PRIMARY KEY, files BLOB) STRICT, WITHOUT ROWID;
`

/** Runs of one checkout, in a file of its own. Records are masked before they come here. */
export class History implements Disposable {
  readonly #database: DatabaseSync

  private constructor(database: DatabaseSync) {
    this.#database = database
    const version = this.#number('PRAGMA user_version')
    if (version !== formatVersion && version !== 0) this.#database.exec('DROP TABLE IF EXISTS findings; DROP TABLE IF EXISTS stages; DROP TABLE IF EXISTS runs; DROP TABLE IF EXISTS trees')
    if (version !== formatVersion) this.#database.exec(`${tables}; PRAGMA user_version = ${formatVersion}`)
  }

  /** Throws what SQLite says where the file is no such database; one of another format is begun anew. */
  static async open(path: string): Promise<History> {
    return new History(await openDatabase(path))
  }

  /** The history of a checkout; undefined where nothing was ever kept. */
  static async openKept(path: string): Promise<History | undefined> {
    return hasDatabase(path) ? History.open(path) : undefined
  }

  /** Keeps a run, and the files of its tree where they are not known yet. All of it or nothing. */
  add(record: RunRecord, files: TreeFiles): void {
    const tree = record.subjects.find((subject) => subject.kind === 'tree')
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      this.#run('INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', record.id, record.command, record.startedAt, Math.round(record.durationMs), record.exitCode, record.verdict.decision, record.plan.tree, tree?.commit ?? null, tree?.dirty ? 1 : 0, record.plan.target, pack(record))
      const inputs = new Map(record.plan.stages.map((stage) => [stage.id, stage.inputs]))
      const stage = this.#database.prepare('INSERT INTO stages VALUES (?, ?, ?, ?, ?, ?, ?)')
      for (const it of record.stages) stage.run(record.id, it.id, inputs.get(it.id) ?? '', it.status, it.outcome?.kind === 'completed' ? 1 : 0, it.replayed ? 1 : 0, it.durationMs === undefined ? null : Math.round(it.durationMs))
      const finding = this.#database.prepare('INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      for (const { id, outcome } of record.stages)
        if (outcome?.kind === 'completed') for (const it of outcome.findings) finding.run(record.id, it.fingerprint, id, it.rule, it.severity, it.location?.path ?? null, it.message.slice(0, 300), it.waiver ? 'waived' : it.isBaselined ? 'baselined' : 'open')
      if (!this.#database.prepare('SELECT 1 FROM trees WHERE digest = ?').get(record.plan.tree)) this.#run('INSERT INTO trees VALUES (?, ?)', record.plan.tree, pack(files))
      this.#forget()
      this.#database.exec('COMMIT')
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
  }

  /** The newest first. */
  list(most = 50): readonly RunRow[] {
    return this.#all('SELECT * FROM runs ORDER BY started_at DESC, id LIMIT ?', most).map(toRow)
  }

  /** Whole records by the beginning of an id, or by how many runs ago it was (`0` is the last); of one that is too old none. */
  find(asked: string): readonly RunRecord[] {
    if (/^\d{1,4}$/.test(asked)) return this.#records('SELECT record FROM runs ORDER BY started_at DESC, id LIMIT 1 OFFSET ?', Number(asked))
    if (!/^[0-9a-f]{4,16}$/.test(asked)) return []
    return this.#records("SELECT record FROM runs WHERE id LIKE ? || '%' LIMIT 2", asked)
  }

  /** The run of the same command before another one. */
  before({ id, command, startedAt }: Pick<RunRecord, 'id' | 'command' | 'startedAt'>): RunRecord | undefined {
    return this.#records('SELECT record FROM runs WHERE command = ? AND id <> ? AND started_at <= ? ORDER BY started_at DESC, id LIMIT 1', command, id, startedAt)[0]
  }

  /** The files of a tree that a run looked at; undefined where they are not kept. */
  filesOf(tree: string): TreeFiles | undefined {
    const row = this.#database.prepare('SELECT files FROM trees WHERE digest = ?').get(tree)
    return row && (unpack(row['files']) as TreeFiles)
  }

  /** Rows of any question that only reads. */
  ask(sql: string, ...values: SQLInputValue[]): readonly Readonly<Record<string, unknown>>[] {
    return this.#all(sql, ...values)
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }

  #forget(): void {
    this.#run('DELETE FROM runs WHERE id IN (SELECT id FROM runs ORDER BY started_at DESC LIMIT -1 OFFSET ?)', mostRuns)
    this.#run('UPDATE runs SET record = NULL WHERE record IS NOT NULL AND id IN (SELECT id FROM runs ORDER BY started_at DESC LIMIT -1 OFFSET ?)', mostRecords)
    this.#run('DELETE FROM trees WHERE digest NOT IN (SELECT tree FROM runs WHERE record IS NOT NULL)')
  }

  #records(sql: string, ...values: SQLInputValue[]): RunRecord[] {
    return this.#all(sql, ...values).flatMap(({ record }) => (record === null ? [] : [unpack(record) as RunRecord]))
  }

  #run = (sql: string, ...values: SQLInputValue[]): void => void this.#database.prepare(sql).run(...values)
  #all = (sql: string, ...values: SQLInputValue[]) => this.#database.prepare(sql).all(...values)
  #number = (sql: string): number => Number(Object.values(this.#database.prepare(sql).get() ?? { none: 0 })[0])
}

const pack = (value: unknown): Uint8Array => deflateRawSync(JSON.stringify(value), { level: 3 })
const unpack = (bytes: unknown): unknown => (bytes instanceof Uint8Array ? JSON.parse(inflateRawSync(bytes).toString('utf8')) : undefined)

const toRow = (row: Readonly<Record<string, unknown>>): RunRow => ({
  id: String(row['id']),
  command: String(row['command']),
  startedAt: String(row['started_at']),
  durationMs: Number(row['duration_ms']),
  exitCode: Number(row['exit_code']),
  decision: String(row['decision']),
  tree: String(row['tree']),
  ...(typeof row['commit_id'] === 'string' && { commit: row['commit_id'] }),
  isDirty: row['dirty'] === 1,
  target: String(row['target']),
})
