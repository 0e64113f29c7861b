import type { RunConfig } from '@shiplock/image'
import type { Container } from '../resource/service.ts'

/** What to run for an instance: a program of the image, with the whole of its environment. Paths are the image's. */
export interface ContainerProcess {
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  /** Absolute. */
  readonly workingDir: string
}

/**
 * The process that image and template describe together. `command` replaces the entry point and with it the image's
 * arguments, `args` replaces the arguments (k8s.min.proto, Container). `env` comes over the image's own. `undefined` where
 * nothing says what to run.
 */
export function composeProcess(image: RunConfig, container: Container, env: Readonly<Record<string, string>>): ContainerProcess | undefined {
  const { command = [], args = [] } = container
  const program = command.length > 0 ? command : image.entrypoint
  const rest = args.length > 0 || command.length > 0 ? args : (image.cmd ?? [])
  const [first, ...others] = [...program, ...rest]
  if (first === undefined) return undefined
  return {
    argv: [first, ...others],
    workingDir: container.workingDir ?? image.workingDir,
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/tmp', ...image.env, ...env },
  }
}

/** What the container contract sets in an instance of a service. */
export interface ServiceIdentity {
  readonly service: string
  readonly revision: string
  /** The port that requests go to, and one for the service's own metrics. */
  readonly port: number
  readonly adminPort: number
  readonly host: string
}

/** HOST and ADMIN_PORT are this emulator's: where instances share the machine's network each has to be told where it alone may listen. */
export function serviceEnvironment({ service, revision, port, adminPort, host }: ServiceIdentity): Readonly<Record<string, string>> {
  return {
    PORT: String(port),
    K_SERVICE: service,
    K_REVISION: revision,
    K_CONFIGURATION: service,
    HOST: host,
    ADMIN_PORT: String(adminPort),
  }
}
