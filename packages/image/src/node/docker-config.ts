/** What Docker's own client keeps on this machine: its configuration, and the programs that hold credentials for it. */
import { spawn } from 'node:child_process'
import { homedir } from 'node:os'
import { delimiter, isAbsolute, join } from 'node:path'
import { ImageError, quote } from '../error.ts'
import { readSmallFile } from '../node.ts'

const maxConfigBytes = 1024 * 1024
const maxAnswerBytes = 256 * 1024

/** The directory of Docker's client: DOCKER_CONFIG, or `.docker` at home. */
export function dockerConfigDirectory(): string {
  return process.env['DOCKER_CONFIG'] || join(homedir(), '.docker')
}

/** The bytes of `config.json`; `undefined` where there is none. */
export async function readDockerConfig(directory: string): Promise<Uint8Array | undefined> {
  return readSmallFile(join(directory, 'config.json'), maxConfigBytes)
}

/** Without what npm puts in front: a program of the tree's packages would be handed the name of every registry, and its word be believed. */
const ownPath = () => (process.env['PATH'] ?? '').split(delimiter).filter((path) => isAbsolute(path) && !/(?:^|\/)node_modules(?:\/|$)/.test(path)).join(delimiter)

export interface HelperAnswer {
  readonly status: number | null
  readonly output: string
}

/**
 * Asks a credential helper (`docker-credential-NAME get`) about a server. What it prints may be a secret, so it is returned
 * and never part of an error. A helper that is not there, or does not end in time, is `credentials-unavailable`.
 */
export async function askCredentialHelper(name: string, server: string, timeoutMs: number, signal?: AbortSignal): Promise<HelperAnswer> {
  const program = `docker-credential-${name}`
  const ended = AbortSignal.timeout(timeoutMs)
  const stop = signal === undefined ? ended : AbortSignal.any([signal, ended])
  const child = spawn(program, ['get'], { env: { ...process.env, PATH: ownPath() }, stdio: ['pipe', 'pipe', 'ignore'], signal: stop, killSignal: 'SIGKILL' })
  try {
    return await new Promise<HelperAnswer>((resolve, reject) => {
      let output = ''
      child.stdout.setEncoding('utf8')
      child.stdout.on('data', (text: string) => {
        output += text
        if (output.length > maxAnswerBytes) reject(new Error(`it printed more than ${maxAnswerBytes} bytes`))
      })
      child.on('error', reject)
      child.on('close', (status) => resolve({ status, output }))
      // A helper that ends without reading its input is no failure of ours.
      child.stdin.on('error', () => {})
      child.stdin.end(`${server}\n`)
    })
  } catch (error) {
    signal?.throwIfAborted()
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const reason = ended.aborted ? `did not answer within ${timeoutMs} ms` : isMissing ? 'is not installed' : 'could not be asked'
    throw new ImageError('credentials-unavailable', `The credential helper ${quote(program)} ${reason}`, {
      cause: error, hint: 'Install it, or take it out of Docker’s config.json (credsStore, credHelpers).',
    })
  } finally {
    child.kill('SIGKILL')
  }
}
