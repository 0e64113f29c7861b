import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EmulatorError } from '../error.ts'
import { isJsonObject } from '../resource/proto-json.ts'
import { isServiceId } from '../resource/names.ts'
import { replaceFile } from './atomic-file.ts'

/** Where services, or jobs, are kept across restarts. */
export interface RecordStore<T extends { readonly id: string }> {
  load(): readonly T[]
  save(record: T): void
  remove(id: string): void
}

const format = 1

/** Records as one JSON file each in `directory`. A file that this store did not write throws `state-invalid`. */
export function openRecordStore<T extends { readonly id: string }>(directory: string): RecordStore<T> {
  const fileOf = (id: string) => join(directory, `${id}.json`)
  return {
    load() {
      const names = readdirSync(directory)
      for (const name of names.filter((name) => name.includes('.json.partial-'))) rmSync(join(directory, name))
      return names.filter((name) => name.endsWith('.json')).map((name) => readRecord<T>(join(directory, name), name.slice(0, -'.json'.length)))
    },
    save(record) {
      replaceFile(fileOf(record.id), JSON.stringify({ format, record }))
    },
    remove(id) {
      rmSync(fileOf(id), { force: true })
    },
  }
}

function readRecord<T>(file: string, id: string): T {
  const invalid = (cause?: unknown) =>
    new EmulatorError('state-invalid', `${JSON.stringify(file)} is not something that this version of the emulator wrote`, {
      ...(cause === undefined ? {} : { cause }),
      hint: 'Move the file away; what it held can be deployed again.',
    })
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw invalid(cause)
  }
  if (!isJsonObject(content) || content['format'] !== format || !isJsonObject(content['record'])) throw invalid()
  if (content['record']['id'] !== id || !isServiceId(id)) throw invalid()
  return content['record'] as unknown as T
}
