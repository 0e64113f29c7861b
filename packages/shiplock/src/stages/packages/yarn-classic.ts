import { join } from 'node:path/posix'
import { refused, type ServiceLock } from './lock.ts'
import { manifestForInstall, rootForInstall } from './manifest.ts'
import { neededWorkspaces } from './needed-workspaces.ts'
import type { InstallPlan } from './plan.ts'

/**
 * `yarn install --production --frozen-lockfile` of Yarn 1, which installs every workspace that it sees: it sees the service and
 * what that needs. Neither `.yarnrc`, which may name another Yarn, nor `.npmrc` of the repository is among it.
 */
export function yarnClassicPlan(lock: ServiceLock): InstallPlan {
  const { name, text, manifests, service } = lock
  const needed = neededWorkspaces(lock)
  const seen = [...manifests].filter(([folder]) => folder === '' || needed.has(folder))
  return {
    program: 'yarn',
    files: new Map([
      [name, text],
      ...seen.map(([folder, manifest]) => [join(folder, 'package.json'), folder === '' && service !== '' ? rootForInstall(manifest, [...needed].filter((it) => it !== '')) : manifestForInstall(manifest, { withoutDev: true })] as const),
    ]),
    args: ({ cache }) => ['install', '--production', '--frozen-lockfile', '--ignore-scripts', '--non-interactive', '--no-bin-links', '--no-progress', '--no-default-rc', '--prefer-offline', '--cache-folder', join(cache, 'yarn-classic')],
    refuseVersion: (version) => (version.startsWith('1.') ? undefined : refused(`${name} is of Yarn 1, and yarn on PATH is ${version}`, 'install Yarn 1 (npm install --global yarn), or bring the lock file up to date (yarn install)')),
  }
}
