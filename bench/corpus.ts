import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const linesEach = 94
/** What is beside each 640 sources: data, a few Dockerfiles, workflows and modules of Terraform. */
const othersEach = 660
/** What the lock file of each 640 sources names. */
const packagesEach = 300

/** A repository without a flaw: `times` × 640 TypeScript files of 94 lines among `times` × 1,300. Returns the lines of TypeScript. */
export function writeCorpus(tree: string, times = 1): number {
  const write = (path: string, text: string) => {
    mkdirSync(join(tree, path, '..'), { recursive: true })
    writeFileSync(join(tree, path), text)
  }
  for (let file = 0; file < 640 * times; file++) {
    const lines = Array.from({ length: linesEach }, (_, line) => `export const total${line} = (items: readonly number[]): number => items.reduce((sum, item) => sum + item * ${file + line + 1}, 0)`)
    write(`part${file % (40 * times)}/file${file}.ts`, `${lines.join('\n')}\n`)
  }
  for (let file = 0; file < othersEach * times; file++) {
    const lines = Array.from({ length: 30 }, (_, line) => `key${line}: value ${file * line}`)
    write(`part${file % (40 * times)}/file${file}.yaml`, `${lines.join('\n')}\n`)
  }
  for (let part = 0; part < 10 * times; part++) {
    write(`part${part}/Dockerfile`, `FROM node:26-slim@sha256:${'0'.repeat(64)}\nWORKDIR /app\nCOPY server.mjs ./\nUSER 1000\nENV NODE_ENV=production\nHEALTHCHECK --interval=30s CMD ["node", "health.mjs"]\nCMD ["node", "server.mjs"]\n`)
    write(`part${part}/.dockerignore`, 'node_modules\n.git\n.env\n')
    write(`part${part}/main.tf`, `variable "region" {\n  type = string\n}\nlocals {\n  name = "part${part}-\${var.region}"\n}\noutput "name" {\n  value = local.name\n}\n`)
    write(`.github/workflows/part${part}.yml`, `name: part ${part}\non: push\npermissions: {}\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 5\n    steps:\n      - run: echo ${part}\n`)
  }
  const names = Array.from({ length: packagesEach * times }, (_, number) => `package-${number}`)
  const dependencies = Object.fromEntries(names.slice(0, 20).map((name) => [name, '^1.0.0']))
  // Each needs two that come after it, so that all are needed.
  const needs = (number: number) => Object.fromEntries([2 * number + 20, 2 * number + 21].flatMap((next) => (names[next] === undefined ? [] : [[names[next], '^1.0.0']])))
  const locked = names.map((name, number) => [
    `node_modules/${name}`,
    { version: `1.${number % 10}.0`, resolved: `https://registry.example.test/${name}/-/${name}-1.${number % 10}.0.tgz`, integrity: `sha512-${createHash('sha512').update(name).digest('base64')}`, license: 'MIT', dependencies: needs(number) },
  ])
  const manifest = { name: 'corpus', private: true, type: 'module', engines: { node: '>=24' }, dependencies }
  write('package.json', JSON.stringify(manifest, null, 2))
  write('package-lock.json', JSON.stringify({ name: 'corpus', lockfileVersion: 3, requires: true, packages: { '': manifest, ...Object.fromEntries(locked) } }, null, 2))
  write('.gitignore', 'node_modules/\n.shiplock/\n.env\n.env.*\n')
  write('SECURITY.md', 'Write to security@example.test.\n')
  write('.github/CODEOWNERS', '* @example/owners\n')
  return linesEach * 640 * times
}
