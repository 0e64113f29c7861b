import { ImageError, quote } from '../error.ts'
import type { Platform } from './descriptor.ts'
import { isDigest, type Digest } from './digest.ts'
import { canonicalJson, isRecord, isTextArray, isTextRecord, parseJson } from './json.ts'

/** How a container of the image is started (config.md, "config"). */
export interface RunConfig {
  /** The program and its arguments. */
  readonly entrypoint: readonly string[]
  readonly cmd?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** `uid:gid` as numbers works where the image has no /etc/passwd. Empty means root. */
  readonly user: string
  /** An absolute path inside the image. */
  readonly workingDir: string
  /** TCP ports. */
  readonly exposedPorts?: readonly number[]
  readonly stopSignal?: string
  /** Keys such as org.opencontainers.image.source (annotations.md). */
  readonly labels?: Readonly<Record<string, string>>
}

/** One line of an image's history: what a layer holds. */
export interface HistoryEntry {
  readonly createdBy: string
  readonly comment?: string
}

/** An image configuration as far as this library reads and writes it. */
export interface ImageConfig {
  readonly platform: Platform
  /** RFC 3339. */
  readonly created?: string
  readonly run: RunConfig
  /** One digest for each layer's uncompressed archive, the lowest first. */
  readonly diffIds: readonly Digest[]
}

export interface ImageConfigInput {
  readonly platform: Platform
  /** Seconds since 1970. */
  readonly created: number
  readonly run: RunConfig
  readonly layers: readonly { readonly diffId: Digest; readonly history: HistoryEntry }[]
}

/** The bytes of an image configuration: same input, same bytes. */
export function imageConfigBytes({ platform, created, run, layers }: ImageConfigInput): Uint8Array {
  checkRun(run)
  const time = rfc3339(created)
  const env = Object.entries(run.env ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return canonicalJson({
    created: time,
    architecture: platform.architecture,
    os: platform.os,
    config: {
      User: run.user,
      Env: env.map(([name, value]) => `${name}=${value}`),
      Entrypoint: run.entrypoint,
      WorkingDir: run.workingDir,
      ...(run.cmd === undefined ? {} : { Cmd: run.cmd }),
      ...(run.exposedPorts === undefined ? {} : { ExposedPorts: Object.fromEntries(run.exposedPorts.map((port) => [`${port}/tcp`, {}])) }),
      ...(run.stopSignal === undefined ? {} : { StopSignal: run.stopSignal }),
      ...(run.labels === undefined ? {} : { Labels: run.labels }),
    },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map(({ history }) => ({
      created: time,
      created_by: history.createdBy,
      ...(history.comment === undefined ? {} : { comment: history.comment }),
    })),
  })
}

/** Seconds since 1970 as RFC 3339 in UTC. */
export function rfc3339(seconds: number): string {
  const latest = 253_402_300_799
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > latest) {
    throw new ImageError('config-invalid', `${seconds} is not a time in whole seconds since 1970`)
  }
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

function checkRun(run: RunConfig): void {
  const texts = [...run.entrypoint, ...(run.cmd ?? []), run.user, run.workingDir, ...Object.entries(run.env ?? {}).flat()]
  const bad = texts.find((text) => text.includes('\0') || !text.isWellFormed())
  if (bad !== undefined) throw new ImageError('config-invalid', `${quote(bad)} cannot be given to a program`)
  if (run.entrypoint.length === 0) throw new ImageError('config-invalid', 'The image has no entry point')
  if (!run.workingDir.startsWith('/')) {
    throw new ImageError('config-invalid', `The working directory ${quote(run.workingDir)} is not absolute`)
  }
  const badName = Object.keys(run.env ?? {}).find((name) => name === '' || name.includes('='))
  if (badName !== undefined) throw new ImageError('config-invalid', `${quote(badName)} is not a name for an environment variable`)
  const badPort = run.exposedPorts?.find((port) => !Number.isInteger(port) || port < 1 || port > 65_535)
  if (badPort !== undefined) throw new ImageError('config-invalid', `${badPort} is not a port`)
}

/** Reads an image configuration from outside; what is not one throws `config-invalid`, another platform `unsupported`. */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const value = parseJson(bytes, 'config-invalid', 'The image configuration')
  if (!isRecord(value)) throw new ImageError('config-invalid', 'The image configuration is not an object')
  const { architecture, os, created, rootfs, config } = value
  if (os !== 'linux' || (architecture !== 'amd64' && architecture !== 'arm64')) {
    throw new ImageError(
      'unsupported',
      `The image is for ${quote(`${String(os)}/${String(architecture)}`)}, not for linux/amd64 or linux/arm64`,
    )
  }
  if (!isRecord(rootfs) || rootfs['type'] !== 'layers' || !Array.isArray(rootfs['diff_ids']) || !rootfs['diff_ids'].every(isDigest)) {
    throw new ImageError('config-invalid', 'The image configuration names its layers wrongly (rootfs)')
  }
  if (config !== undefined && config !== null && !isRecord(config)) throw new ImageError('config-invalid', 'The image has a wrong "config"')
  return {
    platform: { os, architecture },
    ...(typeof created === 'string' ? { created } : {}),
    run: parseRun(config ?? {}),
    diffIds: rootfs['diff_ids'],
  }
}

function parseRun(config: Readonly<Record<string, unknown>>): RunConfig {
  const cmd = optional(config, 'Cmd', isTextArray)
  const ports = optional(config, 'ExposedPorts', isRecord)
  const stopSignal = optional(config, 'StopSignal', isText)
  const labels = optional(config, 'Labels', isTextRecord)
  return {
    entrypoint: optional(config, 'Entrypoint', isTextArray) ?? [],
    env: parseEnv(optional(config, 'Env', isTextArray) ?? []),
    user: optional(config, 'User', isText) ?? '',
    workingDir: optional(config, 'WorkingDir', isText) || '/',
    ...(cmd === undefined ? {} : { cmd }),
    ...(ports === undefined ? {} : { exposedPorts: parsePorts(Object.keys(ports)) }),
    ...(stopSignal === undefined ? {} : { stopSignal }),
    ...(labels === undefined ? {} : { labels }),
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function optional<T>(config: Readonly<Record<string, unknown>>, key: string, is: (value: unknown) => value is T): T | undefined {
  const value = config[key]
  // Go writes absent lists as null.
  if (value === undefined || value === null) return undefined
  if (!is(value)) throw new ImageError('config-invalid', `The image has a wrong ${quote(key)}`)
  return value
}

function parseEnv(lines: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(lines.map((line) => {
    const at = line.indexOf('=')
    if (at < 1) throw new ImageError('config-invalid', `${quote(line)} in the image's Env is not NAME=value`)
    return [line.slice(0, at), line.slice(at + 1)]
  }))
}

function parsePorts(keys: readonly string[]): readonly number[] {
  return keys.map((key) => {
    const port = /^(\d{1,5})(?:\/tcp)?$/.exec(key)?.[1]
    if (port === undefined || Number(port) < 1 || Number(port) > 65_535) {
      throw new ImageError('config-invalid', `${quote(key)} is not a TCP port`)
    }
    return Number(port)
  }).toSorted((a, b) => a - b)
}
