import { STATUS_CODES } from 'node:http'
import { escapeControls } from '../escape.ts'

/** What the front says itself, where no instance can. Plain text, so that nothing a caller sent is read as markup. */
export interface Answer {
  readonly status: number
  readonly text: string
}

export const answers = {
  noService: (host: string): Answer => ({
    status: 404,
    text: `No service answers to the host name "${escapeControls(host.slice(0, 253))}" here.`,
  }),
  noTraffic: (service: string): Answer => ({ status: 404, text: `The service ${service} has no revision that gets traffic yet.` }),
  forbidden: (service: string): Answer => ({
    status: 403,
    text: `The service ${service} is not public: the request needs the header "Authorization: Bearer" with the emulator's admin token.`,
  }),
  noInstance: (revision: string): Answer => ({
    status: 503,
    text: `The revision ${revision} has no instance that is running. It is being started again.`,
  }),
  lost: (revision: string): Answer => ({
    status: 503,
    text: `The instance of the revision ${revision} ended or closed the connection before it answered.`,
  }),
  saturated: (revision: string): Answer => ({
    status: 429,
    text: `All instances that the revision ${revision} may have are busy.`,
  }),
  malformed: (revision: string): Answer => ({ status: 502, text: `The instance of the revision ${revision} did not answer in HTTP.` }),
  timedOut: (revision: string): Answer => ({ status: 504, text: `The revision ${revision} did not answer within the request time-out.` }),
  badTarget: { status: 400, text: 'The request target must be a path.' } as Answer,
  badUpgrade: { status: 400, text: 'Only an upgrade to WebSocket is passed on.' } as Answer,
  stopping: { status: 503, text: 'The emulator is stopping.' } as Answer,
} as const

export function answerHeaders({ text }: Answer): Record<string, string> {
  return {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(text) + 1),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  }
}

export const answerBody = ({ text }: Answer): string => `${text}\n`

/** The same for a connection that has been taken out of HTTP. */
export function rawAnswer(answer: Answer): string {
  const fields = Object.entries({ ...answerHeaders(answer), Connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}\r\n${fields.join('')}\r\n${answerBody(answer)}`
}
