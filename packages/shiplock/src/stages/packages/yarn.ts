import { join } from 'node:path/posix'
import { refused, type ServiceLock } from './lock.ts'
import { isRecord, manifestForInstall, patchBeside, percentDecoded, pick, settingsOf } from './manifest.ts'
import { cpuOf, type InstallPlan, type PlanInput } from './plan.ts'

/**
 * `yarn workspaces focus --production` of Yarn 4, as plain files. Of `.yarnrc.yml` only what says which packages there are
 * counts: with `yarnPath`, `plugins` or an install script it would be the repository that runs.
 */
export function yarnPlan(lock: ServiceLock, input: PlanInput): InstallPlan {
  const { name, text, manifests, service } = lock
  const written = settingsOf(input.read('.yarnrc.yml'))
  const cacheKey = /^ {2}cacheKey: "?(\d+)(c\d)?"?$/m.exec(text)
  const patches = [...text.matchAll(/^ {2}resolution: ".*@patch:.*?#(?:~\/|\.\/)?([^:"]+)/gm)].flatMap(([, path = '']) => patchBeside(percentDecoded(path), input.read))
  const workspaceName: unknown = JSON.parse(manifests.get(service) ?? '{}')
  const focused = isRecord(workspaceName) && typeof workspaceName['name'] === 'string' ? workspaceName['name'] : ''
  return {
    program: 'yarn',
    files: new Map([
      [name, text],
      // JSON is YAML.
      ['.yarnrc.yml', JSON.stringify({
        ...pick(written, ['packageExtensions', 'catalog', 'catalogs', 'nmHoistingLimits']),
        nodeLinker: 'node-modules',
        enableScripts: false,
        // The hashes of the lock file are of archives that Yarn packed, as tightly as it says.
        compressionLevel: cacheKey?.[2] === undefined ? 'mixed' : Number(cacheKey[2].slice(1)),
        checksumBehavior: 'throw',
        supportedArchitectures: { os: ['linux'], cpu: [cpuOf(input)], libc: ['glibc'] },
      })],
      ...[...manifests].map(([folder, manifest]) => [join(folder, 'package.json'), manifestForInstall(manifest, { withoutDev: true })] as const),
      ...patches,
    ]),
    args: () => ['workspaces', 'focus', '--production', ...(focused === '' ? [] : [focused])],
    env: ({ cache }) => ({ YARN_CACHE_FOLDER: join(cache, 'yarn'), YARN_ENABLE_GLOBAL_CACHE: 'false', YARN_ENABLE_TELEMETRY: 'false', YARN_ENABLE_SCRIPTS: 'false', YARN_IGNORE_PATH: '1', YARN_NODE_LINKER: 'node-modules' }),
    refuseVersion: (version) => (Number(version.split('.')[0]) >= 4 ? undefined : refused(`${name} is of a newer Yarn, and yarn on PATH is ${version}`, 'install Yarn 4 (npm install --global @yarnpkg/cli-dist, or corepack enable): the one that .yarnrc.yml names is the repository\'s, and is not run')),
  }
}
