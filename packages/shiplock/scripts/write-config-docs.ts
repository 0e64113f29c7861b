import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { checks } from '../src/checks/registry.ts'
import { configDocuments } from './config-documents.ts'

/** `node packages/shiplock/scripts/write-config-docs.ts`: the config's JSON schema, its types and its reference page. */
const root = resolve(import.meta.dirname, '../../..')
for (const [path, text] of configDocuments(checks)) {
  mkdirSync(dirname(resolve(root, path)), { recursive: true })
  writeFileSync(resolve(root, path), text)
  console.log(path)
}
