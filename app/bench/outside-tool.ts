import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * The folder of a package that judges the service and is too big to be a dependency. It is installed once, without running any
 * script of it, into the user's cache; `version` is exact.
 */
export function outsideTool(name: string, version: string): string {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'shiplock', 'tools', `${name.replaceAll('/', '+')}@${version}`)
  const folder = join(cache, 'node_modules', name)
  if (!existsSync(join(folder, 'package.json'))) {
    mkdirSync(cache, { recursive: true })
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--silent', '--prefix', cache]
    execFileSync('npm', ['install', ...options, `${name}@${version}`], { cwd: cache, stdio: ['ignore', 'inherit', 'inherit'] })
  }
  return folder
}
