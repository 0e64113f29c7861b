/**
 * The emulator as a process of its own. When it is ready it writes `emulator.json` into the state directory; what happens
 * later goes to standard error, one line each. SIGTERM and SIGINT stop it cleanly. It fails with one line of JSON, `{ error }`.
 */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startEmulator } from './emulator.ts'
import { EmulatorError } from './error.ts'
import { escapeControls } from './escape.ts'
import { startTimeOf } from './instances/proc.ts'
import { isJsonObject } from './resource/proto-json.ts'
import { parseOptions } from './options.ts'
import { replaceFile } from './state/atomic-file.ts'

/** `emulator.json`: who runs, and where. A reader compares `pid` and `startTime` with /proc, since a killed emulator leaves its file. */
export interface RunningEmulator {
  readonly pid: number
  /** Clock ticks since the boot, as in /proc/PID/stat. */
  readonly startTime: string
  readonly version: string
  readonly adminUrl: string
  readonly tokenFile: string
  readonly frontUrl: string
  readonly project: string
  readonly location: string
  readonly runtime: string
  readonly limitations: readonly string[]
}

// Whoever started it may have stopped listening; a service must not end for that.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const say = (text: string) => process.stderr.write(`${new Date().toISOString()} ${text.split('\n').map(escapeControls).join('\n')}\n`)

try {
  const options = parseOptions(process.argv.slice(2))
  const emulator = await startEmulator({ ...options, onNotice: say })
  const file = join(options.stateDir, 'emulator.json')
  const running: RunningEmulator = {
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? '',
    version: ownVersion(),
    adminUrl: emulator.admin.url,
    tokenFile: emulator.admin.tokenFile,
    frontUrl: emulator.front.url,
    project: emulator.project,
    location: emulator.location,
    runtime: emulator.runtime,
    limitations: emulator.limitations,
  }
  const stop = async () => {
    rmSync(file, { force: true })
    await emulator.stop()
  }
  process.on('SIGTERM', () => void stop())
  process.on('SIGINT', () => void stop())
  replaceFile(file, `${JSON.stringify(running, null, 2)}\n`)
  say(`ready: front ${running.frontUrl}, Admin API ${running.adminUrl}, runtime ${running.runtime}`)
} catch (error) {
  if (!(error instanceof EmulatorError)) throw error
  const { code, message, hint } = error
  process.stderr.write(`${JSON.stringify({ error: { code, message, hint } })}\n`)
  process.exitCode = 1
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'))
  return isJsonObject(manifest) && typeof manifest['version'] === 'string' ? manifest['version'] : ''
}
