import type { Distribution } from './sbom-component.ts'

/** os-release(5): assignments as a shell reads them, without its expansions. Undefined where it names no distribution. */
export function parseOsRelease(text: string): Distribution | undefined {
  const values = new Map<string, string>()
  for (const line of text.split('\n').slice(0, 1000)) {
    const [, key, value] = /^\s*([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line) ?? []
    if (key !== undefined && value !== undefined) values.set(key, unquote(value))
  }
  const id = values.get('ID') ?? 'linux'
  if (!/^[a-z0-9._-]+$/.test(id) || !values.has('ID')) return undefined
  const versionId = values.get('VERSION_ID')
  const codename = values.get('VERSION_CODENAME')
  const cpe = values.get('CPE_NAME')
  return {
    id,
    name: values.get('PRETTY_NAME') ?? values.get('NAME') ?? id,
    ...(versionId !== undefined && /^[a-z0-9._-]+$/i.test(versionId) && { versionId }),
    ...(codename !== undefined && codename !== '' && { codename }),
    ...(cpe !== undefined && cpe.startsWith('cpe:') && { cpe }),
  }
}

function unquote(value: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(value)
  if (!quoted) return value
  return quoted[1] === '"' ? (quoted[2] ?? '').replace(/\\([\\"$`])/g, '$1') : (quoted[2] ?? '')
}
