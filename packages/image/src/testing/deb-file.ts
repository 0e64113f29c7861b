import { gzipSync } from 'node:zlib'
import { packTar, type TarEntry } from 'modern-tar'
import { tarEntry, text } from './rig.ts'

/** A package as a test wants it; what it does not say is sound. */
export interface DebPlan {
  readonly name?: string
  readonly version?: string
  readonly architecture?: string
  readonly source?: string
  /** Files by path, besides the entries. */
  readonly files?: Readonly<Record<string, string>>
  readonly entries?: readonly TarEntry[]
  /** The control file as it is, in place of a sound one. */
  readonly control?: string
  readonly md5sums?: string
  /** How the data are packed. */
  readonly compress?: (tar: Uint8Array) => Uint8Array
  readonly dataName?: string
}

export function controlOf({ name = 'hello', version = '1.0-1', architecture = 'amd64', source }: DebPlan): string {
  return `Package: ${name}\n${source === undefined ? '' : `Source: ${source}\n`}Version: ${version}\nArchitecture: ${architecture}\nMaintainer: A <a@example.org>\nDescription: greets\n Longer,\n .\n over lines.\n`
}

/** A .deb that this library did not write (deb(5)): sound unless the plan says otherwise. */
export async function debFile(plan: DebPlan = {}): Promise<Uint8Array> {
  const { files = {}, entries = [], control = controlOf(plan), md5sums, compress = gzipSync, dataName = 'data.tar.gz' } = plan
  const controlTar = await packTar([tarEntry({ name: './control' }, control), ...(md5sums === undefined ? [] : [tarEntry({ name: './md5sums' }, md5sums)])])
  const dataTar = await packTar([...Object.entries(files).map(([name, body]) => tarEntry({ name: `./${name}`, mode: 0o644 }, body)), ...entries])
  return arFile({ 'debian-binary': text('2.0\n'), 'control.tar.gz': gzipSync(controlTar), [dataName]: compress(dataTar) })
}

/** An archive of the format ar(5). */
export function arFile(members: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const pieces = Object.entries(members).flatMap(([name, bytes]) => {
    const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`
    return [text(header), bytes, text(bytes.length % 2 === 1 ? '\n' : '')]
  })
  return Buffer.concat([text('!<arch>\n'), ...pieces])
}
