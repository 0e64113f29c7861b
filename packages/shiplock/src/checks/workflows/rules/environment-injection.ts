import { canSpanLines, followsForeignArtifact, strangersVariables, usedIn, writtenByStranger } from '../attacker.ts'
import type { WorkflowRule } from '../workflow.ts'

const writesEnvironment = />>?\s*"?(?:\$\{?GITHUB_(?<file>ENV|PATH)\}?|\$env:GITHUB_(?<powershell>ENV|PATH)|%GITHUB_(?<cmd>ENV|PATH)%)/i

export const environmentInjection: WorkflowRule = {
  id: 'workflows/environment-injection',
  title: "A stranger's text is written into the environment of the later steps",
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-77',
  fix: 'Pass the value on as an output of the step, or refuse it unless it matches a strict pattern before it is written.',
  *examine(file) {
    for (const step of file.steps) {
      const variables = new Map([...strangersVariables(file, step)].map(([name, path]) => [name, { path, isManyLines: canSpanLines(path) }]))
      for (const line of file.scriptOf(step)) {
        const [, assigned, value = ''] = /^(?:export |local )?(\w+)=(.*)$/.exec(line.text) ?? []
        const origin = usedIn(value).map((variable) => variables.get(variable)).find((source) => source !== undefined)
        // A command may make many lines of one: `grep -o`, `tr`, `sed`.
        if (assigned !== undefined && origin) variables.set(assigned.toLowerCase(), { path: origin.path, isManyLines: origin.isManyLines || value.includes('$(') })
        const target = writesEnvironment.exec(line.text)?.groups
        if (!target) continue
        const name = (target['file'] ?? target['powershell'] ?? target['cmd'] ?? '').toUpperCase()
        const used = usedIn(line.text).map((variable) => variables.get(variable))
        const pasted = line.expressions
          .map((expression) => writtenByStranger(file, step, expression))
          .map((path) => (path === undefined ? undefined : { path, isManyLines: canSpanLines(path) }))
        // One line of text cannot start a second variable; a line of PATH is a folder as it is.
        if (/^cat\s/.test(line.text) && followsForeignArtifact(file, step)) {
          yield { at: line, message: `a file goes into GITHUB_${name} after an artifact of another run was unpacked, which a pull request may have filled`, confidence: 'medium' }
          continue
        }
        const path = [...used, ...pasted].find((source) => source && (name === 'PATH' || source.isManyLines))?.path
        if (path !== undefined) yield { at: line, message: `\`${path}\` goes into GITHUB_${name}, so whoever writes it ${name === 'PATH' ? 'chooses the programs' : 'sets any variable, such as NODE_OPTIONS or LD_PRELOAD,'} of the later steps` }
      }
    }
  },
}
