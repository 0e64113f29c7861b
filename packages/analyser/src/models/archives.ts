import type { LibraryModel, Shape } from './shape.ts'

const name: Shape = { source: 'archive' }

/** One entry of an archive: whoever made the archive chose its names. */
const entry: Shape = { api: 'archive.entry', members: { path: name, fileName: name, filename: name, entryName: name, name, linkname: name, linkpath: name, rawEntryName: name, relativePath: name, props: 'archive.entry', header: 'archive.entry' } }
const listener: Shape = { call: { callbacks: [{ arg: 1, params: ['archive.entry'] }], returns: 'archive' } }

/** Libraries that read archives. */
export const archives: LibraryModel = {
  modules: {
    'tar-stream': { members: { extract: { call: { returns: 'archive' } } } },
    tar: { members: { Parse: { construct: { returns: 'archive' }, call: { returns: 'archive' } }, t: { call: { returns: 'archive' } }, list: { call: { returns: 'archive' } } } },
    unzipper: { members: { Parse: { call: { returns: 'archive' } }, Open: { members: { '*': { call: { returns: 'archive.directory' } } } } } },
    unzip: { members: { Parse: { call: { returns: 'archive' } } } },
    unzip2: { members: { Parse: { call: { returns: 'archive' } } } },
    yauzl: { members: { '*': { call: { callbacks: [{ arg: -1, params: [undefined, 'archive'] }], returns: 'archive' } } } },
    'node-stream-zip': { construct: { returns: 'archive' } },
    'adm-zip': { construct: { returns: 'archive' }, call: { returns: 'archive' } },
    jszip: { construct: { returns: 'archive' }, members: { loadAsync: { call: { returns: 'archive' } } } },
    decompress: { call: { returns: 'archive.entries' } },
  },
  types: {
    archive: {
      members: {
        on: listener,
        once: listener,
        pipe: { call: { returns: 'archive' } },
        getEntries: { call: { returns: 'archive.entries' } },
        getEntry: { call: { returns: 'archive.entry' } },
        entries: { call: { returns: 'archive.entries' } },
        forEach: { call: { callbacks: [{ arg: 0, params: ['archive.name', 'archive.entry'] }] } },
        files: 'archive.entries',
      },
    },
    'archive.directory': { members: { files: 'archive.entries' } },
    'archive.entries': {
      members: {
        forEach: { call: { callbacks: [{ arg: 0, params: ['archive.entry'] }] } },
        map: { call: { callbacks: [{ arg: 0, params: ['archive.entry'] }] } },
        filter: { call: { callbacks: [{ arg: 0, params: ['archive.entry'] }], returns: 'archive.entries' } },
        '*': 'archive.entry',
      },
      // Of `files` of a library the names are keys: `Object.keys(zip.files)`.
      source: 'archive',
    },
    'archive.entry': entry,
    'archive.name': name,
  },
}
