/** `build-once.ts DIRECTORY CONTENT` */
import { buildSmallImage } from './small-image.ts'

const [directory, content] = process.argv.slice(2)
await buildSmallImage(directory!, content!)
