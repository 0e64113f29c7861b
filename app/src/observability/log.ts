/** The severities of Cloud Logging that this service uses (LogSeverity of the Logging API v2). */
export type Severity = 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL'

/** Further members of a line; those that Cloud Logging knows (`httpRequest`, `logging.googleapis.com/trace`) it lifts into the entry. */
export type LogFields = Readonly<Record<string, unknown>>

/** Writes one line. `message` is our own words; what users typed belongs into neither (privacy: logs are read and kept by others). */
export type Log = (severity: Severity, message: string, fields?: LogFields) => void

// JSON.stringify escapes C0 controls and quotes, so nothing can start a line of its own. What it leaves, and what could
// still garble a terminal or a line-based reader: DEL, C1 controls, line and paragraph separator, bidirectional marks.
const unsafeInTerminal = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
const escapeCodeUnit = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Makes a log that hands each line, newline included, to `write`: one JSON object as Cloud Logging reads it from standard output. */
export function createLog(write: (line: string) => void): Log {
  return (severity, message, fields) => {
    const line = JSON.stringify({ severity, message, time: new Date().toISOString(), ...fields })
    write(`${line.replace(unsafeInTerminal, escapeCodeUnit)}\n`)
  }
}

/** An error as log fields: with its stack, where Error Reporting looks for one. For the log only, never for an answer. */
export const errorFields = (error: unknown): LogFields => ({
  stack_trace: error instanceof Error ? (error.stack ?? error.message) : String(error),
})
