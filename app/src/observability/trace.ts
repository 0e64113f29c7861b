/** Which distributed trace a request belongs to, in W3C terms. */
export interface Trace {
  /** 32 lower-case hexadecimal digits, not all zero. */
  readonly traceId: string
  /** The caller's span: 16 lower-case hexadecimal digits. */
  readonly spanId?: string
  readonly isSampled: boolean
}

// W3C Trace Context §3.2.2: version-traceid-parentid-flags; later versions may append, version ff is forbidden.
const traceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/
// Google Cloud: TRACE_ID/SPAN_ID;o=OPTIONS, the span id being a decimal number.
const cloudTraceContext = /^(?!0{32})([0-9a-f]{32})(?:\/(\d{1,20}))?(?:;o=([01]))?$/i

/** Reads the trace from the headers; `traceparent` wins. Malformed ones are as if absent (§3.2.2.4): they come from outside. */
export function parseTrace(headers: Readonly<Record<string, string | readonly string[] | undefined>>): Trace | undefined {
  const w3c = typeof headers.traceparent === 'string' ? traceparent.exec(headers.traceparent) : null
  if (w3c) {
    const [, traceId = '', spanId = '', flags = ''] = w3c
    return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
  }
  const google = headers['x-cloud-trace-context']
  if (google === undefined) return undefined
  const match = typeof google === 'string' ? cloudTraceContext.exec(google) : null
  if (!match) return undefined
  const [, traceId = '', span, option] = match
  const spanId = span === undefined ? 0n : BigInt.asUintN(64, BigInt(span))
  return {
    traceId: traceId.toLowerCase(),
    ...(spanId > 0n && { spanId: spanId.toString(16).padStart(16, '0') }),
    isSampled: option === '1',
  }
}
