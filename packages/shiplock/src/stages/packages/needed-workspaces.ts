import { readManifest } from '@shiplock/advisories'
import type { ServiceLock } from './lock.ts'

/** Folders of the workspaces that the service needs in production, itself among them: what it asks for, and what those ask for. */
export function neededWorkspaces({ manifests, service }: Pick<ServiceLock, 'manifests' | 'service'>): ReadonlySet<string> {
  const parsed = new Map([...manifests].flatMap(([folder, text]) => {
    const manifest = readManifest(text)
    return manifest.ok ? [[folder, manifest.value] as const] : []
  }))
  const folders = new Map([...parsed].flatMap(([folder, { name }]) => (name === undefined ? [] : [[name, folder] as const])))
  const needed = new Set([service])
  for (const folder of needed) {
    for (const [name, { isDev }] of parsed.get(folder)?.dependencies ?? []) {
      const other = folders.get(name)
      if (!isDev && other !== undefined) needed.add(other)
    }
  }
  return needed
}
