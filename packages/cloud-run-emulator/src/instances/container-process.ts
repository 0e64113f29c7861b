import type { RunConfig } from '@shiplock/image'
import type { Container } from '../resource/service.ts'

/** What to run for an instance: a program of the image, with the whole of its environment. Paths are the image's. */
export interface ContainerProcess {
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  /** Absolute. */
  readonly workingDir: string
}

export interface InstanceIdentity {
  readonly service: string
  readonly revision: string
  /** The port that requests go to, and one for the service's own metrics. */
  readonly port: number
  readonly adminPort: number
}

/**
 * The process that image and template describe together. `command` replaces the entry point and with it the image's
 * arguments, `args` replaces the arguments (k8s.min.proto, Container). `undefined` where nothing says what to run.
 */
export function composeProcess(image: RunConfig, container: Container, identity: InstanceIdentity): ContainerProcess | undefined {
  const { command = [], args = [] } = container
  const program = command.length > 0 ? command : image.entrypoint
  const rest = args.length > 0 || command.length > 0 ? args : (image.cmd ?? [])
  const [first, ...others] = [...program, ...rest]
  if (first === undefined) return undefined
  const configured = Object.fromEntries((container.env ?? []).map(({ name = '', value = '' }) => [name, value]))
  return {
    argv: [first, ...others],
    workingDir: container.workingDir ?? image.workingDir,
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/tmp',
      ...image.env,
      ...configured,
      // The container contract. HOST and ADMIN_PORT are this emulator's: instances share the machine's network, so each
      // has to be told where it alone may listen.
      PORT: String(identity.port),
      K_SERVICE: identity.service,
      K_REVISION: identity.revision,
      K_CONFIGURATION: identity.service,
      HOST: '127.0.0.1',
      ADMIN_PORT: String(identity.adminPort),
    },
  }
}
