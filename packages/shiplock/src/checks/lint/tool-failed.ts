import { endOf, type StageFailure } from '@shiplock/findings'

/** A linter that ended in a way that says nothing about the code; with the end of what it printed. */
export function toolFailed(tool: string, output: { readonly stdout: string; readonly stderr: string }, what: string): StageFailure {
  return {
    reason: 'tool-failed',
    message: `${tool} ${what}`,
    hint: `run ${tool} by hand in the repository; where its configuration is wrong, it says so there`,
    detail: endOf(`${output.stdout.trim()}\n${output.stderr.trim()}`.trim(), { lines: 200, characters: 4000 }),
  }
}

/** The repository is configured for a linter that is not there; another one would say something else. */
export function notInstalled(name: string): StageFailure {
  return {
    reason: 'tool-missing',
    message: `the repository has a configuration for ${name}, which is not installed`,
    hint: `install the packages of the repository (npm ci), or set checks.lint.linter to 'oxlint'`,
  }
}
