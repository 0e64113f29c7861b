/** The severities of Cloud Logging that this service uses (LogSeverity of the Logging API v2). */
export type Severity = 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL'

/** Further members of a line; those that Cloud Logging knows (`httpRequest`, `logging.googleapis.com/trace`) it lifts into the entry. */
export type LogFields = Readonly<Record<string, unknown>>

/**
 * Writes one line. `message` is our own words; what users typed belongs into neither (privacy: logs are read and kept by others).
 * `members` are further ones that are JSON already, for lines that come with every request; texts from outside went through `quote`.
 */
export type Log = (severity: Severity, message: string, fields?: LogFields, members?: string) => void

/** What Error Reporting groups errors by. On Cloud Run: the service and its revision. */
export interface ServiceContext {
  readonly service: string
  readonly version: string
}

// JSON.stringify escapes C0 controls, quotes and lone surrogates, so nothing can start a line of its own. What it leaves, and
// what could still garble a terminal or a line-based reader: DEL, C1 controls, line and paragraph separator, bidirectional marks.
const unsafeInTerminal = /[\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
const escapeCodeUnit = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
const stringify = (value: unknown): string => JSON.stringify(value).replace(unsafeInTerminal, escapeCodeUnit)

const plain = /^[ !#-[\]-~]*$/

/** A text as JSON, quotes included, with nothing in it that could act on a reader. Most texts have nothing to escape. */
export const quote = (text: string): string => (plain.test(text) ? `"${text}"` : stringify(text))

let lastMs = Number.NaN
let lastTimestamp = ''

/** The time for a log line. Many lines share a millisecond, and writing it out costs more than the rest of a line. */
export function timestamp(): string {
  const ms = Date.now()
  if (ms !== lastMs) {
    lastMs = ms
    lastTimestamp = new Date(ms).toISOString()
  }
  return lastTimestamp
}

/**
 * Makes a log that hands each line, newline included, to `write`: one JSON object as Cloud Logging reads it from standard
 * output. Errors carry `serviceContext`, with which Error Reporting takes them up.
 */
export function createLog(write: (line: string) => void, serviceContext?: ServiceContext): Log {
  return (severity, message, fields, members) => {
    const isReported = serviceContext !== undefined && fields?.stack_trace !== undefined && severity !== 'INFO'
    const start = `{"severity":"${severity}","message":${quote(message)},"time":"${timestamp()}"`
    const own = fields && stringify(isReported ? { ...fields, serviceContext } : fields).slice(1, -1)
    write(`${start}${members ? `,${members}` : ''}${own ? `,${own}` : ''}}\n`)
  }
}

/** An error as log fields: with its stack, where Error Reporting looks for one. For the log only, never for an answer. */
export const errorFields = (error: unknown): LogFields => ({ stack_trace: describe(error) })

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? error.message
  return error.cause === undefined ? own : `${own}\nCaused by: ${describe(error.cause)}`
}
