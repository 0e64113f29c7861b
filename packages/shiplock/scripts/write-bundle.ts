import { lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'
import { rolldown, type Plugin } from 'rolldown'
import { bundleDirectory, madeFrom } from '../src/system/bundle.ts'
import { versionNow } from '../src/system/own-version.ts'

/**
 * `node packages/shiplock/scripts/write-bundle.ts [DIR]`: packs the command line and what it imports into a few files
 * (`system/bundle.ts` says why, and when they count). The launcher runs it when it has installed the packages; by hand it is
 * `npm run bundle`. DIR is in the same node_modules.
 */
const [directory = bundleDirectory] = process.argv.slice(2)
const entry = join(import.meta.dirname, '../src/cli/bundled.ts')

/**
 * Of the packages, those that every command loads and that are nothing but modules. The others find their own files, load
 * each other by names that they put together, or hold programs, native code and WebAssembly: they stay where they are.
 */
const packed = ['commander', 'zod']

/**
 * Importing a module of Node's own as ECMAScript module reads every property of it, and for node:http that loads the whole of
 * fetch and WebSocket. Taken by `process.getBuiltinModule` a property is read when it is used.
 */
const readWhenUsed: Plugin = {
  name: 'read-when-used',
  // rolldown's own first lines need node:module before any module is set up.
  resolveId: (source) => (!isBuiltin(source) ? null : source === 'node:module' ? { id: source, external: true } : `\0builtin:${source}`),
  load: (id) => (id.startsWith('\0builtin:') ? `module.exports = process.getBuiltinModule(${JSON.stringify(id.slice('\0builtin:'.length))})\n` : null),
}

/** Of a package of which npm installed two versions, the bundle would find another than its source does. */
const leaveOut: Plugin = {
  name: 'leave-out',
  async resolveId(source, importer) {
    if (importer === undefined || /^(?:[./]|@shiplock\/)/.test(source) || packed.includes(source)) return null
    const [there, here] = await Promise.all([importer, join(directory, 'shiplock.mjs')].map((from) => this.resolve(source, from, { skipSelf: true })))
    if (there?.id !== here?.id) throw new Error(`${source} is installed twice, and the bundle would load another one than ${importer} does`)
    return { id: source, external: true }
  },
}

/** A module finds its pages, programs and packages from where its source is, wherever it was packed. */
const keepPlaces: Plugin = {
  name: 'keep-places',
  transform: (code, id) => {
    if (!id.endsWith('.ts') || id === entry) return undefined
    const place = relative(directory, id).split(sep).join('/')
    const url = (path: string) => `new URL(${JSON.stringify(path)}, import.meta.url)`
    return code.replaceAll(/import\.meta\.(dirname|url)\b/g, (_, what) => (what === 'url' ? `${url(place)}.href` : `decodeURIComponent(${url(dirname(place))}.pathname)`))
  },
}

if (lstatSync(join(import.meta.dirname, '../../../node_modules')).isSymbolicLink()) throw new Error('node_modules is a link: the bundle would be beside the packages of another checkout')
const before = madeFrom(versionNow())
mkdirSync(dirname(directory), { recursive: true })
const made = mkdtempSync(`${directory}-`)
try {
  const bundle = await rolldown({
    input: entry,
    platform: 'node',
    plugins: [readWhenUsed, leaveOut, keepPlaces],
    transform: { target: 'esnext' },
  })
  await bundle.write({ dir: made, format: 'esm', entryFileNames: 'shiplock.mjs', chunkFileNames: '[name]-[hash].mjs', codeSplitting: { groups: [{ name: 'node', test: /^\0(?:builtin|rolldown)/ }] } })
  await bundle.close()
  if (madeFrom(versionNow()) !== before) throw new Error('a source was edited while the bundle was made; run it again')
  writeFileSync(join(made, 'made-from'), before)
  rmSync(directory, { recursive: true, force: true })
  renameSync(made, directory)
} finally {
  rmSync(made, { recursive: true, force: true })
}
