/** Gives one manifest many names: `add-names.ts LAYOUT DIGEST SIZE PREFIX COUNT`. Prints a line when it is about to begin. */
import { once } from 'node:events'
import { mediaTypes } from '../oci/descriptor.ts'
import { isDigest } from '../oci/digest.ts'
import { addManifest, openLayout } from '../oci/layout.ts'

const [directory, digest, size, prefix, count] = process.argv.slice(2)
if (!isDigest(digest)) throw new Error('no digest')
const layout = await openLayout(directory!)
process.stdout.write('ready\n')
await once(process.stdin, 'data')
for (let index = 0; index < Number(count); index++) {
  await addManifest(layout, { mediaType: mediaTypes.manifest, digest, size: Number(size) }, { reference: `${prefix}-${index}` })
}
process.stdin.destroy()
