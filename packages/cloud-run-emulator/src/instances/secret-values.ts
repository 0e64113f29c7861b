import type { Container, Volume } from '../resource/service.ts'
import { bytesOf } from './quantity.ts'
import type { Mount, MountedFile } from './runtime.ts'

/** Reads a version of a secret by the name that a template has for it. Throws `ApiError` where it cannot be had. */
export type SecretAccess = (secret: string, version: string) => Buffer

/** The environment that the template sets. Secrets are read when an instance starts, so `latest` is that of then (Cloud Run, "Secrets"). */
export function environmentOf(container: Container, secrets: SecretAccess): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (container.env ?? []).map(({ name = '', value = '', valueSource }) => {
      const reference = valueSource?.secretKeyRef
      return [name, reference === undefined ? value : secrets(reference.secret ?? '', reference.version ?? 'latest').toString('utf8')]
    }),
  )
}

/** The volumes that the container mounts: secrets as files, and directories in memory. */
export function mountsOf(container: Container, volumes: readonly Volume[], secrets: SecretAccess): readonly Mount[] {
  return (container.volumeMounts ?? []).map(({ name, mountPath = '' }): Mount => {
    const volume = volumes.find((candidate) => candidate.name === name)
    if (volume?.secret === undefined) return { kind: 'memory', path: mountPath, sizeBytes: bytesOf(volume?.emptyDir?.sizeLimit ?? '64Mi') }
    const { secret = '', items = [], defaultMode = 0o444 } = volume.secret
    // Without items, the latest version is in a file named like the secret (SecretVolumeSource.items).
    const wanted = items.length > 0 ? items : [{ path: secret.split('/').at(-1) ?? '', version: 'latest' }]
    const files = wanted.map(
      ({ path = '', version = 'latest', mode }): MountedFile => ({ name: path, mode: mode ?? defaultMode, content: secrets(secret, version) }),
    )
    return { kind: 'files', path: mountPath, files }
  })
}
