import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request, type IncomingMessage, type RequestOptions } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { startEmulator, type Emulator, type EmulatorOptions } from '../emulator.ts'
import { testImage, tokenOf, type TestImage } from './test-image.ts'

/** An answer of the Admin API. */
export interface ApiAnswer {
  readonly status: number
  // oxlint-disable-next-line typescript/no-explicit-any -- tests reach deep into answers, and a wrong path fails the test
  readonly body: any
}

/** A real emulator on free ports with real instances, in a directory of its own. */
export interface Rig extends AsyncDisposable {
  readonly emulator: Emulator
  readonly image: TestImage
  readonly stateDir: string
  readonly token: string
  readonly notices: readonly string[]
  /** `path` below projects/local/locations/local/. */
  api(method: string, path: string, body?: unknown): Promise<ApiAnswer>
  /** A write of which the operation is waited for: its result, or its error. */
  settled(method: string, path: string, body?: unknown): Promise<ApiAnswer['body']>
  /** A template with the test image; `mode` as in fixtures/service.mjs. */
  template(mode?: string, more?: object): object
  front(
    host: string,
    path: string,
    options?: RequestOptions,
    body?: string,
  ): Promise<{ status: number; headers: IncomingMessage['headers']; body: string }>
  /** What the instances of a service have logged, oldest revision first. */
  entries(service: string): readonly Record<string, unknown>[]
  requestLog(): readonly {
    httpRequest: { status: number; requestUrl: string; requestMethod: string }
    resource: { labels: Record<string, string> }
    trace: string
  }[]
}

export function makeStateDir(): string {
  const directory = mkdtempSync(join(tmpdir(), 'cloud-run-emulator-'))
  // Passable, so that instances can run as another user where the tests run as root.
  chmodSync(directory, 0o755)
  return directory
}

export async function startRig(options: Partial<EmulatorOptions> = {}): Promise<Rig> {
  const image = await testImage()
  const stateDir = options.stateDir ?? makeStateDir()
  const notices: string[] = []
  const { layoutDir, imagesDir } = image
  const emulator = await startEmulator({
    layoutDir,
    imagesDir,
    frontPort: 0,
    onNotice: (notice) => notices.push(notice),
    ...options,
    stateDir,
  })
  const token = await tokenOf(emulator.admin.tokenFile)
  const api: Rig['api'] = async (method, path, body) => {
    const answer = await fetch(`${emulator.admin.url}/v2/projects/local/locations/local/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: await answer.json() }
  }
  return {
    emulator,
    image,
    stateDir,
    token,
    notices,
    api,
    async settled(method, path, body) {
      const written = await api(method, path, body)
      if (written.status !== 200) throw new Error(JSON.stringify(written.body))
      const id = String(written.body.name).split('/').at(-1)
      const { body: operation } = await api('POST', `operations/${id}:wait`, { timeout: '30s' })
      if (operation.done !== true) throw new Error(`the operation is not done: ${JSON.stringify(operation)}`)
      return operation.error === undefined ? operation.response : { error: operation.error }
    },
    template: (mode = 'sound', more = {}) => ({ ...more, containers: [{ image: image.reference, env: [{ name: 'MODE', value: mode }] }] }),
    front: async (host, path, requestOptions, body) =>
      send(Number(new URL(emulator.front.url).port), { path, headers: { host }, ...requestOptions }, body),
    entries: (service) => {
      const directory = join(stateDir, 'logs', service)
      return readdirSync(directory)
        .toSorted()
        .flatMap((name) => jsonLines(join(directory, name))) as ReturnType<Rig['entries']>
    },
    requestLog: () => jsonLines(join(stateDir, 'logs/requests.log')) as ReturnType<Rig['requestLog']>,
    async [Symbol.asyncDispose]() {
      await emulator.stop()
      if (options.stateDir === undefined) rmSync(stateDir, { recursive: true, force: true })
    },
  }
}

function jsonLines(file: string): unknown[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)
}

/** One request on a connection of its own. */
export async function send(
  port: number,
  options: RequestOptions,
  body?: string,
): Promise<{ status: number; headers: IncomingMessage['headers']; body: string }> {
  const answer = await ask({ port, ...options }, body)
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) }
}

/** A request of which the answer has begun; its body is for the caller to read. */
export async function begin(frontUrl: string, host: string, path: string): Promise<IncomingMessage> {
  return ask({ port: new URL(frontUrl).port, path, headers: { host } })
}

async function ask(options: RequestOptions, body?: string): Promise<IncomingMessage> {
  const outgoing = request({ host: '127.0.0.1', agent: false, ...options })
  outgoing.end(body)
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  return answer
}

/** Asks again until `isDone`; for states that no event of the rig tells about. The test's own time-out ends it. */
export async function until<T>(ask: () => Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await ask()
    if (isDone(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
