import { fail, type Result } from '@shiplock/findings'
import { readJsonDocument } from '../json-document.ts'
import { record, text } from '../lock-document.ts'
import { readCycloneDx } from './read-cyclone-dx.ts'
import { readSpdx } from './read-spdx.ts'
import { largestSbom, type Sbom } from './sbom-document.ts'

/** Reads CycloneDX 1.4 to 1.7 and SPDX 2.3, as JSON. What is neither fails with a sentence; nothing in a document throws. */
export function readSbom(bytes: Uint8Array): Result<Sbom, string> {
  const document = readJsonDocument(bytes, largestSbom)
  if (!document.ok) return document
  const fields = record(document.value)
  if (fields.get('bomFormat') === 'CycloneDX') return readCycloneDx(fields)
  if (text(fields.get('spdxVersion')) !== undefined) return readSpdx(fields)
  return fail('it is neither CycloneDX nor SPDX 2')
}

