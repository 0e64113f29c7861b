import { posix } from 'node:path'
import { fail, ok, type Result } from '@shiplock/findings'
import type { Values, Written } from './check-values.ts'
import type { Config } from './config.ts'
import { quoted, type Diagnostic } from './diagnostic.ts'
import { spanAt } from './literal.ts'
import { nearestName } from './nearest-name.ts'
import { entrypoint, serviceName, type PackageFacts } from './package-facts.ts'
import { parts, type CheckOptions } from './schema.ts'

export interface Surroundings {
  readonly written: Written | undefined
  readonly packagePath: string
  /** Undefined where there is no such file. */
  readonly facts: PackageFacts | undefined
  /** Whether there is a file called Dockerfile in the service's folder. */
  readonly hasDockerfile: boolean
  readonly checks: readonly CheckOptions[]
}

/** Fills in what the service's package.json and the checks say where the config is silent. Fails where the two contradict each other. */
export function fillDefaults(values: Values, surroundings: Surroundings): Result<Config, readonly Diagnostic[]> {
  const { image, attest, checks, gates, targets, ci } = values
  const service = values.service ?? parts.service.parse({})
  const { facts, written } = surroundings
  const directory = posix.normalize(`${service.directory}/`).slice(0, -1)
  const hasBuild = facts !== undefined && Object.hasOwn(facts.scripts, 'build')
  const leastConfidence = new Map(surroundings.checks.map((check) => [check.id, check.leastConfidence]))
  const contradiction = findMissingScript(image.build, surroundings)
  if (contradiction) return fail([contradiction])
  return ok({
    shipsService: values.service !== null,
    service: { ...service, directory, name: service.name ?? serviceName(facts?.name) ?? 'service' },
    image: {
      ...image,
      build: image.build === undefined ? (hasBuild ? 'build' : null) : image.build,
      reads: image.reads ?? defaultReads(directory),
      dependencies: image.dependencies ?? (facts?.hasDependencies ? 'production' : 'none'),
      builder: image.builder ?? builderOf(image.dockerfile, written, surroundings.hasDockerfile),
      dockerfile: posix.normalize(image.dockerfile ?? posix.join(directory, 'Dockerfile')),
      context: posix.normalize(`${image.context ?? directory}/`).slice(0, -1),
      entrypoint: image.entrypoint ?? (facts && entrypoint(facts)) ?? ['node', 'dist/server.mjs'],
    },
    attest,
    checks: Object.fromEntries(Object.entries(checks).filter(([, options]) => options !== false)),
    gates: Object.entries(gates).flatMap(([check, gate]) => (checks[check] === false ? [] : [{ check, ...gate, minConfidence: gate.minConfidence ?? leastConfidence.get(check) ?? 'low' }])),
    targets,
    ci,
  })
}

/** Who writes of the image writes of ours; who only has a Dockerfile has said all of it there. */
function builderOf(dockerfile: string | undefined, written: Written | undefined, hasDockerfile: boolean): 'assemble' | 'dockerfile' {
  if (dockerfile !== undefined) return 'dockerfile'
  const isWritten = written?.literal.kind === 'object' && written.literal.entries.has('image')
  return hasDockerfile && !isWritten ? 'dockerfile' : 'assemble'
}

const defaultReads = (directory: string): readonly string[] =>
  directory === '.' ? ['**/*'] : [`${directory}/**/*`, 'package.json', 'package-lock.json', '*.lock', 'pnpm-*.yaml', 'tsconfig*.json']

function findMissingScript(script: string | null | undefined, { written, packagePath, facts }: Surroundings): Diagnostic | undefined {
  if (!written || !script || (facts && Object.hasOwn(facts.scripts, script))) return undefined
  const span = spanAt(written.literal, ['image', 'build'], 'value')
  const near = facts && nearestName(script, Object.keys(facts.scripts))
  const hint = near ? `did you mean ${quoted(near)}?` : 'add the script there, or write `null` for none'
  const message = `${facts ? `${packagePath} has no` : `there is no ${packagePath} that could have a`} script ${quoted(script)}`
  return written.source.diagnostic(span, message, hint)
}
