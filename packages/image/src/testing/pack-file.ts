/** Packs one file into a layer and prints the most memory that this took, in kB: `pack-file.ts LAYOUT FILE SIZE`. */
import { createLayout } from '../oci/layout.ts'
import { knowContents } from '../oci/layer-content.ts'
import { orderEntries } from '../oci/layer-entry.ts'
import { writeLayer } from '../oci/layer.ts'

const [directory, file, size] = process.argv.slice(2)
const layout = await createLayout(directory!)
const content = { file: file!, size: Number(size) }
await writeLayer(layout, await knowContents(orderEntries([{ kind: 'file', path: 'file', mode: 0o644, content }])))
process.stdout.write(`${process.resourceUsage().maxRSS}\n`)
