import { mkdtempSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fail, ok, type Result, type StageFailure } from '@shiplock/findings'
import { removeTree } from './files.ts'
import { runProcess, type ProcessResult } from './processes.ts'
import { findUserProgram } from './user-program.ts'
import { lastLines, userProgram, type Workspace } from './workspace.ts'

/** What builds Dockerfiles here. */
export interface ImageBuilder {
  readonly kind: 'docker' | 'buildah'
  readonly program: string
  /** For fingerprints and the plan. */
  readonly version: string
  /** Docker alone: whether BuildKit comes as a plugin, which has options of its own. */
  readonly hasBuildx?: boolean
}

/**
 * Docker where an engine answers and its client can use BuildKit, else Buildah. Debian's client is asked first: another may
 * come first on PATH and lack the plugin. Neither is ever one below the tree.
 */
export async function findImageBuilder(workspace: Workspace): Promise<Result<ImageBuilder, StageFailure>> {
  const why: string[] = []
  const { root } = workspace.snapshot
  const clients = new Set([findUserProgram(root, 'docker', '/usr/bin'), userProgram(workspace, 'docker')])
  for (const program of clients) {
    if (program === undefined) continue
    const found = await askDocker(workspace, program)
    if (typeof found !== 'string') return ok(found)
    why.push(found)
  }
  const buildah = userProgram(workspace, 'buildah')
  const said = buildah === undefined ? undefined : await run(workspace, [buildah, '--version'])
  const version = /version (\S+)/.exec(said?.stdout ?? '')?.[1]
  if (buildah !== undefined && version !== undefined) return ok({ kind: 'buildah', program: buildah, version })
  if (clients.has(undefined) && why.length === 0) why.push('docker is not installed')
  why.push('buildah is not installed')
  return fail({ reason: 'tool-missing', message: `nothing here builds a Dockerfile: ${why.join('; ')}`, hint: "start a Docker Engine, or install buildah; or have Shiplock put the image together (image.builder: 'assemble')" })
}

/** The builder, or why it is none. */
async function askDocker(workspace: Workspace, program: string): Promise<ImageBuilder | string> {
  const answer = await run(workspace, [program, 'version', '--format', '{{.Client.Version}} {{.Server.Version}}'])
  const [client = '', server] = answer.stdout.trim().split(' ')
  if (answer.exitCode !== 0 || server === undefined || !/^\d/.test(server)) return `${program}: ${lastLines(answer.stderr, 1).trim().slice(0, 300) || 'no engine answers'}`
  const hasBuildx = (await run(workspace, [program, 'buildx', 'version'])).exitCode === 0
  // Clients before 23 have BuildKit built in; later ones need the plugin.
  if (!hasBuildx && Number(client.split('.')[0]) >= 23) return `${program} ${client} lacks its BuildKit plugin (docker-buildx)`
  return { kind: 'docker', program, version: `${client} ${server}`, hasBuildx }
}

export interface ImageBuild {
  /** Absolute. */
  readonly dockerfile: string
  readonly context: string
  readonly architecture: 'amd64' | 'arm64'
  /** Seconds since 1970; for builders that take it. */
  readonly created: number
  readonly scratchParent: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Builds a Dockerfile and hands over an archive with the image, which is removed afterwards. What the builder keeps besides is its cache. */
export async function buildImage<T>(workspace: Workspace, builder: ImageBuilder, build: ImageBuild, use: (archive: string) => Promise<T>): Promise<Result<T, StageFailure>> {
  const directory = mkdtempSync(join(build.scratchParent, 'image-'))
  const name = `shiplock-build:${directory.slice(-6).toLowerCase()}`
  const archive = join(directory, 'image.tar')
  const { program } = builder
  const limits = { timeoutMs: build.timeoutMs, signal: build.signal }
  try {
    const built = await run(workspace, [program, ...buildArguments(workspace, builder, build, name)], limits)
    const failed = failureOf(built, builder, build, 'build-failed')
    if (failed) return fail(failed)
    const saving = builder.kind === 'docker' ? ['save', '--output', archive, name] : ['push', '--quiet', name, `oci-archive:${archive}`]
    const saved = await run(workspace, [program, ...saving], limits)
    return failureOf(saved, builder, build, 'tool-failed') ? fail(failureOf(saved, builder, build, 'tool-failed')!) : ok(await use(archive))
  } finally {
    // Only the name: the layers are what makes the next build fast.
    await run(workspace, builder.kind === 'docker' ? [program, 'image', 'rm', '--no-prune', name] : [program, 'untag', name, name])
    removeTree(directory)
  }
}

function buildArguments(workspace: Workspace, builder: ImageBuilder, { dockerfile, context, architecture, created }: ImageBuild, name: string): string[] {
  const shared = ['--file', dockerfile, '--tag', name, '--platform', `linux/${architecture}`, '--build-arg', `SOURCE_DATE_EPOCH=${created}`]
  if (builder.kind === 'docker') return ['build', ...shared, ...(builder.hasBuildx ? ['--provenance=false', '--sbom=false', '--load'] : []), context]
  // crun, Debian's default, needs cgroups that containers on older hosts do not have.
  const runc = userProgram(workspace, 'runc')
  return ['build', ...shared, '--timestamp', String(created), ...(runc === undefined ? [] : ['--runtime', runc]), context]
}

function failureOf(ended: ProcessResult, { kind, program }: ImageBuilder, { timeoutMs }: ImageBuild, reason: 'build-failed' | 'tool-failed'): StageFailure | undefined {
  if (ended.isAborted) return { reason: 'tool-failed', message: `${kind} was stopped` }
  if (ended.isTimedOut) return { reason: 'timed-out', message: `${kind} did not end within ${timeoutMs / 1000} s`, detail: lastLines(ended.stderr) }
  if (ended.error) return { reason: 'tool-failed', message: `${program} could not be started: ${ended.error.message}` }
  if (ended.exitCode === 0) return undefined
  return { reason, message: reason === 'build-failed' ? `${kind} could not build the Dockerfile` : `${kind} could not hand the image over`, hint: 'its context holds what git tracks of the tree, and no secrets', detail: lastLines(`${ended.stdout}\n${ended.stderr}`) }
}

/** What the user's own engine needs to be found and to be allowed; Shiplock's other variables are none of its business. */
const passedOn = /^(?:DOCKER_(?:HOST|CONTEXT|CONFIG|CERT_PATH|TLS_VERIFY)|XDG_(?:RUNTIME_DIR|DATA_HOME|CONFIG_HOME)|SSH_AUTH_SOCK|BUILDAH_ISOLATION|STORAGE_DRIVER|CONTAINERS_\w+|REGISTRY_AUTH_FILE|HTTPS?_PROXY|NO_PROXY|https?_proxy|no_proxy)$/

function run({ environment = {} }: Workspace, argv: readonly [string, ...string[]], limits: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<ProcessResult> {
  const inherited = Object.entries(environment).flatMap(([name, value]) => (passedOn.test(name) && value !== undefined ? [[name, value]] : []))
  const path = [...new Set([dirname(argv[0]), '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'])].join(':')
  return runProcess({ argv, cwd: '/', env: { ...Object.fromEntries(inherited), PATH: path, HOME: environment['HOME'] ?? homedir(), LANG: 'C.UTF-8', DOCKER_BUILDKIT: '1', BUILDKIT_PROGRESS: 'plain', DOCKER_CLI_HINTS: 'false' }, timeoutMs: 20_000, ...limits })
}
