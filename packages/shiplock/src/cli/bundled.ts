import { pathToFileURL } from 'node:url'
import { commandLineSource, isCurrent } from '../system/bundle.ts'

// Where the bundle begins. `import('./main.ts')` is packed beside it.
await (isCurrent(import.meta.dirname) ? import('./main.ts') : import(pathToFileURL(commandLineSource).href))
