import { join } from 'node:path/posix'
import { refused, type ServiceLock } from './lock.ts'
import { manifestForInstall } from './manifest.ts'
import { cpuOf, type InstallPlan, type PlanInput } from './plan.ts'

/**
 * `npm ci` of what production needs. Of the repository's `.npmrc` it sees nothing: a registry, a certificate, a shell or a
 * git of the repository's choice could be in it; the lock file says where each package comes from and what it is.
 */
export function npmPlan({ name, text, manifests, service, lock }: ServiceLock, input: PlanInput): InstallPlan {
  const files = new Map([[name, text], ...[...manifests].map(([folder, manifest]) => [join(folder, 'package.json'), manifestForInstall(manifest)] as const)])
  const legacy = /^\s*legacy-peer-deps\s*=\s*true\s*$/m.test(input.read('.npmrc') ?? '') ? ['--legacy-peer-deps'] : []
  const which = service === '' ? (lock.workspaces.size > 1 ? ['--workspaces=false'] : []) : ['--workspace', service]
  return {
    program: 'npm',
    files,
    args: ({ cache }) => [
      'ci', '--omit=dev', '--include=prod', '--include=optional', '--include=peer', ...which, ...legacy, '--ignore-scripts', '--no-bin-links', '--install-strategy=hoisted', '--install-links=false',
      '--os=linux', `--cpu=${cpuOf(input)}`, '--libc=glibc', '--no-audit', '--no-fund', '--no-progress', '--no-update-notifier', '--prefer-offline', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000', '--loglevel=error', '--logs-max=0', '--prefix=.', `--cache=${join(cache, 'npm')}`,
    ],
    refuseVersion: (version) => (Number(version.split('.')[0]) >= 10 ? undefined : refused(`npm ${version} does not know how to install for another platform`, 'install npm 10 or later')),
  }
}
