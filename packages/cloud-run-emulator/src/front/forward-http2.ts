import { constants, type IncomingHttpHeaders } from 'node:http2'
import { answers } from './answers.ts'
import type { FrontRequest, FrontResponse } from './connections.ts'
import { beginAnswer, Exchange, type BodySizes } from './exchange.ts'
import type { ForwardOptions } from './forward.ts'

/** The same over HTTP/2 without TLS, for a container whose port is named `h2c`; trailers are passed on, which gRPC needs. */
export function forwardHttp2(incoming: FrontRequest, outgoing: FrontResponse, options: ForwardOptions): Promise<BodySizes> {
  const { instance, revision, timeoutMs, headers, answerHeaders } = options
  const exchange = new Exchange(incoming, outgoing, revision, timeoutMs)
  const stream = instance.http2().request(
    { ':method': incoming.method ?? 'GET', ':path': incoming.url ?? '/', ':scheme': 'http', ...fieldsOf(headers, incoming.headers.te) },
    { endStream: !exchange.hasBody },
  )
  exchange.abandon = () => stream.close(constants.NGHTTP2_CANCEL)
  stream.on('response', (answer) => {
    if (exchange.isOver) return
    const { ':status': status = 0 } = answer
    try {
      beginAnswer(outgoing, status, [...pairsOf(answer), ...answerHeaders])
    } catch {
      exchange.giveUp(answers.malformed(revision))
    }
  })
  stream.on('trailers', (trailers) => {
    const pairs = pairsOf(trailers)
    for (let index = 0; index < pairs.length; index += 2) outgoing.addTrailers({ [pairs[index]!]: pairs[index + 1]! })
  })
  stream.on('data', (chunk: Buffer) => {
    exchange.sizes.responseSize += chunk.length
  })
  stream.on('error', () => exchange.giveUp(answers.lost(revision)))
  // A session that ends takes its streams along without an error of theirs.
  stream.on('close', () => {
    if (stream.rstCode !== constants.NGHTTP2_NO_ERROR || !outgoing.headersSent) exchange.giveUp(answers.lost(revision))
  })
  stream.pipe(outgoing)
  if (exchange.hasBody) incoming.pipe(stream)
  return exchange.over
}

/** Header fields as HTTP/2 has them: lower case, Host as the authority, several of a name as a list. */
function fieldsOf(raw: readonly string[], te: unknown): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = te === 'trailers' ? { te: 'trailers' } : {}
  for (let index = 0; index < raw.length; index += 2) {
    const given = raw[index]!.toLowerCase()
    const name = given === 'host' ? ':authority' : given
    const before = fields[name]
    const value = raw[index + 1]!
    fields[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value]
  }
  return fields
}

function pairsOf(headers: IncomingHttpHeaders): string[] {
  return Object.entries(headers).flatMap(([name, value = '']) => {
    if (name.startsWith(':')) return []
    return (Array.isArray(value) ? value : [String(value)]).flatMap((each) => [name, each])
  })
}
