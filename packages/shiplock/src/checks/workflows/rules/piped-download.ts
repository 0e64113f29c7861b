import type { WorkflowRule } from '../workflow.ts'

export const pipedDownload: WorkflowRule = {
  id: 'workflows/piped-download',
  title: 'A download runs as it comes',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-494',
  fix: 'Download to a file, compare its checksum with one that is written in the workflow, and run it then.',
  *examine(file) {
    for (const step of file.steps) {
      for (const line of file.scriptOf(step)) {
        const address = pipedInto(line.text)
        if (address !== undefined) yield { at: line, message: `whatever ${address} answers runs with all that the job holds`, ...(address.startsWith('http:') && { severity: 'high' }) }
      }
    }
  },
}

const shell = /^\s*(?:sudo\s+(?:-E\s+)?)?(?:\w+=\S+\s+)*(?:\/(?:usr\/)?bin\/)?(?:ba|z|da)?sh\b/

/** The address of what a line downloads into a shell: `curl … | sh`, `sh -c "$(curl …)"`, `bash <(curl …)`. */
function pipedInto(line: string): string | undefined {
  const parts = line.split('|')
  const piped = parts.find((part, index) => isDownload(part) && shell.test(parts[index + 1] ?? ''))
  const substituted = shell.test(line) ? line.split(/-c\s+"\$\(|<\(/)[1] : undefined
  const source = piped ?? (substituted !== undefined && /^\s*(?:curl|wget)\b/.test(substituted) ? substituted : undefined)
  return source === undefined ? undefined : /https?:\/\/[^\s"')]+/.exec(source)?.[0]
}

const isDownload = (command: string) => /(?:^|[\s;&(])(?:curl|wget)\s/.test(command)
