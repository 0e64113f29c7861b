import { confidences, type Result } from '@shiplock/findings'
import { severityOfWord } from '../joined/read-output.ts'
import { readSarif } from '../joined/read-sarif.ts'
import type { ToolResult } from '../joined/tool.ts'

/** It says how severe and how sure in properties of its own; SARIF's levels know three of its four severities. */
export const readReport = (output: string): Result<readonly ToolResult[], string> =>
  readSarif(output, ({ properties = {} }) => {
    const word = wordOf(properties['zizmor/severity'])
    const severity = word === 'informational' ? 'low' : severityOfWord(word)
    const confidence = confidences.find((it) => it === wordOf(properties['zizmor/confidence']))
    return { ...(severity !== undefined && { severity }), ...(confidence !== undefined && { confidence }) }
  })

const wordOf = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : undefined)
