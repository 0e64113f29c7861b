import { randomFillSync } from 'node:crypto'

/** Header fields in the order in which they came: name, value, name, value, … (`IncomingMessage.rawHeaders`). */
export type RawHeaders = readonly string[]

/** They speak of one connection and go no further (RFC 9110 §7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** What the front writes itself, once, as it has understood it. `Expect` it has answered; the body's length is added with the body. */
const ownFields = new Set([
  'host',
  'content-length',
  'expect',
  'x-forwarded-for',
  'x-forwarded-proto',
  'traceparent',
  'x-cloud-trace-context',
])

export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits. */
  readonly spanId: string
  readonly isSampled: boolean
}

export interface ForwardedRequest {
  readonly host: string
  readonly remoteAddress: string
  readonly trace: TraceContext
  /** Fields that the front has read for itself and keeps. */
  readonly withhold: ReadonlySet<string>
}

/** The header fields that an instance gets: everything the client sent but what is for one hop, and what the front vouches for. */
export function requestHeaders(raw: RawHeaders, { host, remoteAddress, trace, withhold }: ForwardedRequest): string[] {
  const named = connectionOptions(raw)
  const forwardedFor: string[] = []
  const cookies: string[] = []
  const kept: string[] = ['Host', host]
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!
    const value = raw[index + 1]!
    const key = name.toLowerCase()
    if (key === 'x-forwarded-for') forwardedFor.push(value)
    // HTTP/2 may send them one by one; in HTTP/1.1 they are one field (RFC 9113 §8.2.3).
    else if (key === 'cookie' && !withhold.has(key)) cookies.push(value)
    else if (!key.startsWith(':') && !isDropped(key, named) && !withhold.has(key) && !ownFields.has(key)) kept.push(name, value)
  }
  return [
    ...kept,
    ...(cookies.length === 0 ? [] : ['Cookie', cookies.join('; ')]),
    // What the client claims comes first, what the front saw last, as Google's front end does.
    'X-Forwarded-For',
    [...forwardedFor, remoteAddress].join(', '),
    'X-Forwarded-Proto',
    'http',
    'traceparent',
    `00-${trace.traceId}-${trace.spanId}-${trace.isSampled ? '01' : '00'}`,
    'X-Cloud-Trace-Context',
    `${trace.traceId}/${BigInt(`0x${trace.spanId}`)};o=${trace.isSampled ? 1 : 0}`,
  ]
}

/** The header fields that the client gets. */
export function responseHeaders(raw: RawHeaders): string[] {
  const named = connectionOptions(raw)
  const kept: string[] = []
  for (let index = 0; index < raw.length; index += 2) {
    if (!isDropped(raw[index]!.toLowerCase(), named)) kept.push(raw[index]!, raw[index + 1]!)
  }
  return kept
}

/** The trace that a request belongs to: the client's, in either spelling, or a new one. */
export function traceOf(headers: Readonly<Record<string, string | string[] | undefined>>): TraceContext {
  const { traceparent, 'x-cloud-trace-context': cloud } = headers
  const w3c = typeof traceparent === 'string' ? /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent) : null
  if (w3c !== null && !/^0+$/.test(w3c[1]!) && !/^0+$/.test(w3c[2]!)) {
    return { traceId: w3c[1]!, spanId: w3c[2]!, isSampled: (Number.parseInt(w3c[3]!, 16) & 1) === 1 }
  }
  const google = typeof cloud === 'string' ? /^([0-9a-f]{32})(?:\/(\d{1,20}))?(?:;o=([01]))?$/i.exec(cloud) : null
  if (google !== null && BigInt(google[2] ?? 0) < 2n ** 64n) {
    const span = BigInt(google[2] ?? 0)
    return {
      traceId: google[1]!.toLowerCase(),
      spanId: span === 0n ? newId(8) : span.toString(16).padStart(16, '0'),
      isSampled: google[3] === '1',
    }
  }
  return { traceId: newId(16), spanId: newId(8), isSampled: true }
}

/** Asked of the system for many at once: each time costs as much as the rest of a request's headers. */
const randomness = Buffer.alloc(4096)
let used = randomness.length

function newId(bytes: number): string {
  if (used + bytes > randomness.length) {
    randomFillSync(randomness)
    used = 0
  }
  used += bytes
  return randomness.toString('hex', used - bytes, used)
}

const none: ReadonlySet<string> = new Set()

/** The fields that `Connection` declares to be for this hop; some fields may not be declared away. */
function connectionOptions(raw: RawHeaders): ReadonlySet<string> {
  let options: Set<string> | undefined
  for (let index = 0; index < raw.length; index += 2) {
    if (raw[index]!.toLowerCase() !== 'connection') continue
    options ??= new Set()
    for (const option of raw[index + 1]!.toLowerCase().split(',')) options.add(option.trim())
  }
  for (const name of ['authorization', 'cookie', 'origin']) options?.delete(name)
  return options ?? none
}

function isDropped(key: string, named: ReadonlySet<string>): boolean {
  return hopByHop.has(key) || named.has(key)
}
