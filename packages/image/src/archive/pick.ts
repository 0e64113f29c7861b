import { ImageError, quote } from '../error.ts'
import { isIndexType, isManifestType, parseDescriptor, referenceAnnotation, type Descriptor } from '../oci/descriptor.ts'
import { isRecord } from '../oci/json.ts'

/** containerd's annotation for an image's full name, which Docker writes beside the tag alone. */
const containerdName = 'io.containerd.image.name'

/** The image that is meant in an OCI index: the one with the name or digest, or the only one that there is. */
export function pickManifest(index: unknown, { file, name }: { readonly file: string; readonly name: string | undefined }): Descriptor {
  if (!isRecord(index) || !Array.isArray(index['manifests'])) throw new ImageError('image-archive-invalid', `index.json in ${quote(file)} is not an OCI image index`)
  const listed = index['manifests'].map((item: unknown, position) => parseDescriptor(item, `Entry ${position} of index.json in ${quote(file)}`))
  return pickListed(listed, { where: file, name })
}

/** The same among manifests that are read already. What only refers to an image, an attestation say, is not meant without a name. */
export function pickListed(listed: readonly Descriptor[], { where, name }: { readonly where: string; readonly name: string | undefined }): Descriptor {
  const images = listed.filter(({ mediaType, artifactType }) => (isManifestType(mediaType) || isIndexType(mediaType)) && (name !== undefined || artifactType === undefined))
  const fitting = name === undefined ? images : images.filter((image) => namesOf(image).includes(name))
  const digests = new Set(fitting.map(({ digest }) => digest))
  const [chosen] = fitting
  if (digests.size === 1 && chosen !== undefined) return chosen
  const names = images.flatMap(namesOf)
  throw new ImageError('reference-unknown', `${quote(where)} ${name === undefined ? `holds ${digests.size} images` : `has no image ${quote(name)}`}`, {
    hint: names.length === 0 ? 'Name one by its digest.' : `Name one of: ${names.slice(0, 10).map(quote).join(', ')}`,
  })
}

function namesOf({ digest, annotations }: Descriptor): readonly string[] {
  return [annotations?.[referenceAnnotation], annotations?.[containerdName], digest].filter((name) => name !== undefined)
}
