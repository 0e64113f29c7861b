import { checks } from '../../checks/registry.ts'
import type { Config } from '../../config/config.ts'
import { findConfinement } from '../../system/confinement.ts'
import { freeBytes, isPortFree, ownPlatform } from '../../system/machine.ts'
import { runProcess } from '../../system/processes.ts'
import { findUserProgram } from '../../system/user-program.ts'
import { good, type Examination } from './examination.ts'

/** Below it an image, its layers and the caches of a first run may not fit. */
const leastFree = 2 * 1024 ** 3
const leastNode = 24

/** The machine itself: what a run of this repository starts, and whether it is there. */
export async function examineMachine(root: string, config: Config | undefined, environment: NodeJS.ProcessEnv, { isForCloud }: { readonly isForCloud: boolean }): Promise<readonly Examination[]> {
  const path = environment['PATH'] ?? ''
  return [
    platform(),
    node(),
    await git(root, path),
    await confinement(root, environment),
    disk(root),
    ...(config?.shipsService ? await builder(root, path, config) : []),
    ...(config?.shipsService && !isForCloud ? [await port(config.targets.local.port)] : []),
    ...programsOfOthers(root, path, config),
  ]
}

function platform(): Examination {
  const { system, architecture, libc } = ownPlatform()
  const text = `${system} ${architecture}${libc === undefined ? '' : `, ${libc}`}`
  if (system === 'linux' && (architecture === 'x64' || architecture === 'arm64') && libc?.startsWith('glibc')) return good('machine', 'platform', text)
  if (system === 'darwin') return { topic: 'machine', name: 'platform', state: 'note', text: `${text}: checks run here; building and running the image needs Linux`, mend: 'run it in CI, or in a Linux machine of Docker Desktop' }
  return { topic: 'machine', name: 'platform', state: 'missing', text: `${text}: Shiplock runs on Linux with glibc, x64 or arm64`, mend: system === 'win32' ? 'run it inside WSL' : 'run it in an image of Debian or Ubuntu' }
}

function node(): Examination {
  const major = Number(process.versions.node.split('.')[0])
  return major >= leastNode ? good('machine', 'node', process.version) : { topic: 'machine', name: 'node', state: 'missing', text: `${process.version}, and ${leastNode} is the least`, mend: `install Node ${leastNode} or later` }
}

async function git(root: string, path: string): Promise<Examination> {
  const program = findUserProgram(root, 'git', path)
  if (program === undefined) return { topic: 'machine', name: 'git', state: 'missing', text: 'not on PATH', mend: 'apt-get install git' }
  const { exitCode, stdout } = await runProcess({ argv: [program, '--version'], cwd: '/', env: {}, timeoutMs: 5000 })
  const version = /\d+\.\d+[.\d]*/.exec(stdout)?.[0]
  if (exitCode !== 0 || version === undefined) return { topic: 'machine', name: 'git', state: 'missing', text: `${program} does not say its version`, mend: 'apt-get install --reinstall git' }
  return good('machine', 'git', version)
}

async function confinement(root: string, environment: NodeJS.ProcessEnv): Promise<Examination> {
  const found = await findConfinement(root, environment)
  if (found.kind === 'bubblewrap') return good('machine', 'bubblewrap', 'repository code is held')
  return { topic: 'machine', name: 'bubblewrap', state: 'note', text: `repository code runs unconfined, so nothing is replayed: ${found.why}`, mend: /not installed/.test(found.why) ? 'apt-get install bubblewrap' : 'sysctl -w kernel.unprivileged_userns_clone=1 (Debian), kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu)' }
}

function disk(root: string): Examination {
  const free = freeBytes(root)
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free`
  return free >= leastFree ? good('machine', 'disk', text) : { topic: 'machine', name: 'disk', state: 'missing', text: `${text}, and a first run takes up to 2 GiB`, mend: 'make room; `rm -r .shiplock` costs only time' }
}

async function port(number: number): Promise<Examination> {
  if (await isPortFree(number)) return good('machine', 'port', `${number} is free`)
  return { topic: 'machine', name: 'port', state: 'note', text: `something listens on ${number}: the local target of this or another checkout, or another program`, mend: 'shiplock down, or shiplock run --port 9090' }
}

/** Who builds the image: nobody of them where Shiplock puts it together itself. */
async function builder(root: string, path: string, config: Config): Promise<Examination[]> {
  if (config.image.builder !== 'dockerfile') return []
  const docker = findUserProgram(root, 'docker', path)
  if (docker !== undefined) {
    const { exitCode, stdout, stderr } = await runProcess({ argv: [docker, 'version', '--format', '{{.Server.Version}}'], cwd: '/', env: { PATH: path }, timeoutMs: 10_000 })
    if (exitCode === 0) return [good('machine', 'docker', `daemon ${stdout.trim()}`)]
    if (findUserProgram(root, 'buildah', path) === undefined) return [{ topic: 'machine', name: 'docker', state: 'missing', text: `no daemon answers: ${stderr.trim().split('\n').at(-1) ?? ''}`, mend: 'systemctl start docker, or apt-get install buildah' }]
  }
  return findUserProgram(root, 'buildah', path) === undefined ? [{ topic: 'machine', name: 'docker', state: 'missing', text: `${config.image.dockerfile} is built by Docker or Buildah, and neither is on PATH`, mend: 'apt-get install buildah, or image: { builder: \'assemble\' } in the config' }] : [good('machine', 'buildah', 'builds the Dockerfile')]
}

/** Programs of others that the config asks for. */
function programsOfOthers(root: string, path: string, config: Config | undefined): Examination[] {
  return checks.flatMap(({ id, title, joins }) => {
    if (!joins || config?.checks[id] === undefined) return []
    const program = findUserProgram(root, id, path)
    return [program === undefined ? { topic: 'machine', name: id, state: 'missing', text: `the config asks for ${title}, and it is not on PATH`, mend: `install ${title}, or take checks.${id} out of the config` } : good('machine', id, program)]
  })
}
