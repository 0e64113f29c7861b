import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EmulatorError } from '../error.ts'
import { isJsonObject } from '../resource/proto-json.ts'
import { isServiceId } from '../resource/names.ts'
import type { ServiceRecord } from '../platform/record.ts'
import type { ServiceStore } from '../platform/platform.ts'
import { replaceFile } from './atomic-file.ts'

const format = 1

/** Services as one JSON file each in `directory`. A file that this store did not write throws `state-invalid`. */
export function openServiceStore(directory: string): ServiceStore {
  const fileOf = (service: string) => join(directory, `${service}.json`)
  return {
    load() {
      const names = readdirSync(directory)
      for (const name of names.filter((name) => name.includes('.json.partial-'))) rmSync(join(directory, name))
      return names.filter((name) => name.endsWith('.json')).map((name) => readRecord(join(directory, name), name.slice(0, -'.json'.length)))
    },
    save(record) {
      replaceFile(fileOf(record.id), JSON.stringify({ format, record }))
    },
    remove(service) {
      rmSync(fileOf(service), { force: true })
    },
  }
}

function readRecord(file: string, id: string): ServiceRecord {
  const invalid = (cause?: unknown) =>
    new EmulatorError('state-invalid', `${JSON.stringify(file)} is not a service that this version of the emulator wrote`, {
      ...(cause === undefined ? {} : { cause }),
      hint: 'Move the file away; the service can be deployed again.',
    })
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw invalid(cause)
  }
  if (!isJsonObject(content) || content['format'] !== format || !isJsonObject(content['record'])) throw invalid()
  if (content['record']['id'] !== id || !isServiceId(id)) throw invalid()
  return content['record'] as unknown as ServiceRecord
}
