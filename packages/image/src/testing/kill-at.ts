/**
 * Loaded before a script (`--import`), it kills the process, as kill -9 does, just before the KILL_AT-th change to the file
 * system; a write is carried out by half. So a test can visit every moment at which a process might die.
 */
import { writeSync } from 'node:fs'
import fs, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const killAt = Number(process.env['KILL_AT'])
let changes = 0

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

/** Calls `before` ahead of every call of a method. */
function ahead(owner: object, name: string, before: (receiver: unknown, parameters: readonly unknown[]) => void): void {
  const original = Reflect.get(owner, name) as (...parameters: unknown[]) => unknown
  Reflect.set(owner, name, function (this: unknown, ...parameters: unknown[]) {
    if (++changes === killAt) {
      before(this, parameters)
      die()
    }
    return Reflect.apply(original, this, parameters)
  })
}

await using some = await fs.open(import.meta.filename)
const handles = Object.getPrototypeOf(some) as FileHandle
for (const name of ['open', 'rename', 'mkdir', 'rm', 'utimes', 'link', 'symlink']) ahead(fs, name, () => {})
for (const name of ['sync', 'chmod']) ahead(handles, name, () => {})
ahead(handles, 'write', (handle, [bytes, offset]) => {
  const piece = (bytes as Uint8Array).subarray(offset as number)
  writeSync((handle as FileHandle).fd, piece.subarray(0, piece.length / 2))
})
syncBuiltinESMExports()
