/** `pull-once.ts DIRECTORY REFERENCE`: pulls an image of linux/amd64 into the layout DIRECTORY, under the name `pulled:1`. */
import { createLayout } from '../oci/layout.ts'
import { pullImage } from '../registry/pull.ts'

const [directory, reference] = process.argv.slice(2)
await pullImage(await createLayout(directory!), reference!, { name: 'pulled:1', credentials: async () => undefined, platform: { os: 'linux', architecture: 'amd64' }, attempts: 1 })
