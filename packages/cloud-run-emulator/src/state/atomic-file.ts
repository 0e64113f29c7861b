import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'

/**
 * Replaces a small file as a whole, mode 0600: a reader, and a start after a crash, sees the old text or the new one.
 * Synchronous, so that an answer that speaks of the new state is never sent before it is kept.
 */
export function replaceFile(file: string, text: string): void {
  const temporary = `${file}.partial-${randomUUID()}`
  try {
    const handle = openSync(temporary, 'wx', 0o600)
    try {
      writeFileSync(handle, text)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
