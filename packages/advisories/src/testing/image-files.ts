import type { ImageFile } from '../sbom/image-file.ts'
import type { ImageIdentity } from '../sbom/sbom-component.ts'

const hex = (digit: string) => `sha256:${digit.repeat(64)}` as const

export const layers = [{ digest: hex('a'), diffId: hex('b') }, { digest: hex('c'), diffId: hex('d') }] as const

export const image: ImageIdentity = { name: 'registry.example.test/team/app:1.0', digest: hex('e'), architecture: 'amd64', created: '2026-01-02T03:04:05Z', layers }

/** Files of an image by path, text or bytes, all of one layer. */
export const imageFiles = (files: Readonly<Record<string, string | Uint8Array>>, layer: (typeof layers)[number] = layers[0]): ImageFile[] =>
  Object.entries(files).map(([path, content]) => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    return {
      path,
      layer,
      size: bytes.length,
      content: async () => bytes,
      async *pieces() {
        yield bytes
      },
    }
  })

/** A stanza as dpkg writes it. */
export const stanza = (fields: Readonly<Record<string, string>>): string => `${Object.entries(fields).map(([name, value]) => `${name}: ${value}`).join('\n')}\n`

/** The head of an ELF file and, somewhere behind it, what Node says of itself. */
export const nodeProgram = (version: string): Uint8Array => Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46]), Buffer.alloc(5000, 1), Buffer.from(`\0node.js/v${version}\0`), Buffer.alloc(3000, 2)])
