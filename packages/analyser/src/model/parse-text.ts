import { parseSync, rawTransferSupported, type ParserOptions, type ParseResult } from 'oxc-parser'

/** Of a longer text the tree would hold on to more memory than the others together. Characters. */
const longestShared = 1_000_000

let isShared = rawTransferSupported()

/**
 * Parses with the tree handed over in memory that the parser and we share, which is read in half the time that JSON takes. The
 * parser asks for 6 GiB of addresses then, of which it touches few; where a process may not have them the tree comes as JSON.
 */
export function parseText(path: string, source: string, options: ParserOptions): ParseResult {
  if (!isShared || source.length > longestShared) return parseSync(path, source, options)
  const shared = { ...options, experimentalRawTransfer: true }
  try {
    return parseSync(path, source, shared)
  } catch (error) {
    if (!(error instanceof RangeError) || !/array buffer allocation/i.test(error.message)) throw error
    isShared = false
    return parseSync(path, source, options)
  }
}
