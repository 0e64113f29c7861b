import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
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

const before = madeFrom(versionNow())
mkdirSync(dirname(directory), { recursive: true })
const made = mkdtempSync(`${directory}-`)
try {
  const bundle = await rolldown({
    input: entry,
    platform: 'node',
    external: (id) => !/^(?:[./]|@shiplock\/)/.test(id) && !packed.includes(id),
    plugins: [keepPlaces],
    transform: { target: 'esnext' },
  })
  await bundle.write({ dir: made, format: 'esm', entryFileNames: 'shiplock.mjs', chunkFileNames: '[name]-[hash].mjs' })
  await bundle.close()
  if (madeFrom(versionNow()) !== before) throw new Error('a source was edited while the bundle was made; run it again')
  writeFileSync(join(made, 'made-from'), before)
  rmSync(directory, { recursive: true, force: true })
  renameSync(made, directory)
} finally {
  rmSync(made, { recursive: true, force: true })
}
