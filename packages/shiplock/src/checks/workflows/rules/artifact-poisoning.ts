import { actionOf } from '../reference.ts'
import { followsForeignArtifact } from '../attacker.ts'
import { get, scalarOf } from '../tree.ts'
import type { Step, WorkflowFile, WorkflowRule } from '../workflow.ts'

export const artifactPoisoning: WorkflowRule = {
  id: 'workflows/artifact-poisoning',
  title: 'What a pull request has built runs with secrets',
  severity: 'high',
  confidence: 'medium',
  cwe: 'CWE-829',
  fix: 'Unpack the artifact into a folder of its own (`path: ${{ runner.temp }}/artifact`), read only data from it, and run nothing that is in it.',
  *examine(file) {
    for (const job of file.jobs) {
      for (const step of job.steps) {
        if (!followsForeignArtifact(file, step) || !unpacksInPlace(file, job.steps, step)) continue
        const runner = runs(file, step)
        if (runner === undefined) continue
        yield { at: runner.at, message: `${runner.name} runs in job ${job.id.text} after an artifact of another run was unpacked over its workspace, which a pull request may have filled` }
        break
      }
    }
  },
}

/** Whether an artifact before the step went into the workspace itself, where it replaces what is there. */
const unpacksInPlace = (file: WorkflowFile, steps: readonly Step[], step: Step) =>
  steps.some((other) => {
    if (other.node.start >= step.node.start) return false
    if (file.scriptOf(other).some(({ text }) => /\b(?:unzip|tar\s+-?\w*x)/.test(text) && !/\s(?:-d|-C|--directory)[ =]/.test(text))) return true
    if (!/^(?:actions\/download-artifact|dawidd6\/action-download-artifact)$/.test(actionOf(other.uses) ?? '')) return false
    const path = scalarOf(get(other.with, 'path'))?.text.trim() ?? ''
    return /^(?:\.?\/?|\$\{\{\s*github\.workspace\s*\}\}\/?)$/.test(path)
  })

const command = /(?:^|&&|;|\|\||\bsudo )\s*((?:npm|pnpm|yarn|bun) (?:run\b|test\b|ci\b|i\b|install\b|exec\b|publish\b)|npx |make\b|node (?!-e\b|--version)|python3? (?!-c\b|--version)|(?:ba)?sh \S|\.\/\S+|cargo (?:build|run|test)|go (?:build|run|test)|mvn |\.?\/?gradlew? |docker build)/

/** The command of a step that takes its program or its orders from the workspace. */
function runs(file: WorkflowFile, step: Step): { name: string; at: { start: number; end: number } } | undefined {
  for (const line of file.scriptOf(step)) {
    const name = command.exec(line.text)?.[1]?.trim()
    if (name !== undefined) return { name: `\`${name}\``, at: line }
  }
  return step.uses?.kind === 'local' ? { name: step.uses.node.text, at: step.uses.node } : undefined
}
