/** `fetch-once.ts LOCK STORE MIRROR`: fetches the packages of a lock of the suite trixie and unpacks its base layer. */
import { readFile } from 'node:fs/promises'
import { baseLayer } from '../debian/base-layer.ts'
import { parseLock } from '../debian/lock.ts'
import { fetchDebs } from '../debian/store.ts'

const [lockFile, store, mirror] = process.argv.slice(2)
const lock = parseLock(await readFile(lockFile!))
await fetchDebs(lock, 'amd64', { store: store!, mirrors: { main: [mirror!], security: [mirror!] } })
await baseLayer(lock, 'amd64', { store: store! })
