import type { Result } from '@shiplock/findings'
import { readSarif } from '../joined/read-sarif.ts'
import type { ToolResult } from '../joined/tool.ts'

/** It rates nothing, and a level that SARIF would add by itself is no word of its own. */
export const readReport = (output: string): Result<readonly ToolResult[], string> =>
  readSarif(output, ({ ruleId = '' }) => ({ message: `holds a secret: ${ruleId}`, isSecret: true, fix: 'Revoke it, then take it out of the file and of the history.' }))
