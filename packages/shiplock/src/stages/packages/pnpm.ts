import { join } from 'node:path/posix'
import { refused, type ServiceLock } from './lock.ts'
import { isRecord, keptOfPnpm, manifestForInstall, patchBeside, pick, rootForInstall, settingsOf } from './manifest.ts'
import { neededWorkspaces } from './needed-workspaces.ts'
import { cpuOf, type InstallPlan, type PlanInput } from './plan.ts'

const workspaceFile = 'pnpm-workspace.yaml'

/**
 * `pnpm install --frozen-lockfile --prod` of the service and what it needs, as plain files. Of `pnpm-workspace.yaml` only what says
 * which packages there are counts: others of its settings run hooks, fetch another pnpm or Node, or write elsewhere.
 */
export function pnpmPlan(lock: ServiceLock, input: PlanInput): InstallPlan {
  const { name, text, manifests, service } = lock
  const written = settingsOf(input.read(workspaceFile))
  // pnpm 11 puts a document for itself in front: which pnpm to fetch, and hooks to fetch and run.
  const { pnpmfileChecksum: _, settings: lockedSettings, ...locked } = settingsOf(text.split(/^---[ \t]*(?:\r?\n|$)/m).findLast((it) => it.trim() !== ''))
  const needed = neededWorkspaces(lock)
  // pnpm installs what the root asks for whatever is asked of it, so that the root asks for nothing.
  const isLeftOut = (folder: string) => folder === '' && !needed.has('')
  const importers = Object.entries(isRecord(locked['importers']) ? locked['importers'] : {}).map(([at, it]) => [at, isLeftOut(at === '.' ? '' : at) ? {} : it])
  const settings = {
    ...pick(written, keptOfPnpm),
    ...(isRecord(lockedSettings) && pick(lockedSettings, ['autoInstallPeers', 'excludeLinksFromLockfile', 'injectWorkspacePackages', 'dedupePeers'])),
    packages: [...manifests.keys()].filter((folder) => folder !== ''),
    nodeLinker: 'hoisted',
    supportedArchitectures: { os: ['linux'], cpu: [cpuOf(input)], libc: ['glibc'] },
    managePackageManagerVersions: false,
  }
  const ofManifest: unknown = JSON.parse(manifests.get('') ?? '{}')
  const patched = [written, isRecord(ofManifest) && isRecord(ofManifest['pnpm']) ? ofManifest['pnpm'] : {}].flatMap((it) => (isRecord(it['patchedDependencies']) ? Object.values(it['patchedDependencies']) : []))
  const patches = patched.flatMap((path) => (typeof path === 'string' ? patchBeside(path, input.read) : []))
  return {
    program: 'pnpm',
    files: new Map([
      // JSON is YAML.
      [name, JSON.stringify({ ...locked, ...(lockedSettings !== undefined && { settings: lockedSettings }), ...('importers' in locked && { importers: Object.fromEntries(importers) }) })],
      [workspaceFile, JSON.stringify(settings)],
      ...[...manifests].map(([folder, manifest]) => [join(folder, 'package.json'), isLeftOut(folder) ? rootForInstall(manifest) : manifestForInstall(manifest)] as const),
      ...patches,
    ]),
    args: ({ cache }) => [
      'install', '--prod', '--frozen-lockfile', '--ignore-scripts', '--ignore-pnpmfile', `--filter={./${service === '' ? '' : service}}${service === '' ? '' : '...'}`, '--config.node-linker=hoisted', '--config.package-import-method=copy',
      '--config.manage-package-manager-versions=false', '--prefer-offline', '--reporter=append-only', `--store-dir=${join(cache, 'pnpm')}`, `--config.cache-dir=${join(cache, 'pnpm-metadata')}`,
    ],
    refuseVersion: (version) => (Number(version.split('.')[0]) >= 9 ? undefined : refused(`pnpm ${version} does not read the settings of pnpm-workspace.yaml`, 'install pnpm 9 or later')),
  }
}
