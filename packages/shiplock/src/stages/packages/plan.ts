import type { StageFailure } from '@shiplock/findings'
import type { InstallPlace } from '../../system/package-install.ts'

/** How one package manager installs what production needs, and nothing more, from its lock file. */
export interface InstallPlan {
  readonly program: 'npm' | 'pnpm' | 'yarn'
  /** Relative to the folder of the lock file. */
  readonly files: ReadonlyMap<string, string | Uint8Array>
  readonly args: (place: InstallPlace) => readonly string[]
  readonly env?: (place: InstallPlace) => Readonly<Record<string, string>>
  /** Of a version that does not know this lock file, or not how to leave programs out. */
  readonly refuseVersion: (version: string) => StageFailure | undefined
}

export interface PlanInput {
  readonly platform: { readonly architecture: 'amd64' | 'arm64' }
  /** Text of a file beside the lock file, if there is one. */
  readonly read: (path: string) => string | undefined
}

/** Node's word for it. */
export const cpuOf = ({ platform }: Pick<PlanInput, 'platform'>) => (platform.architecture === 'arm64' ? 'arm64' : 'x64')
