import { posix } from 'node:path'

/** Tells whether a file is of a package that others may install: the manifest next above it does not call it private. */
export function publishedFolders(documents: ReadonlyMap<string, string>): (path: string) => boolean {
  const privacy = new Map([...documents].filter(([path]) => posix.basename(path) === 'package.json').map(([path, text]) => [posix.dirname(path), isPrivate(text)]))
  return (path) => {
    for (let folder = posix.dirname(path); ; folder = posix.dirname(folder)) {
      const known = privacy.get(folder)
      if (known !== undefined || folder === '.' || folder === '/') return known !== true
    }
  }
}

function isPrivate(text: string): boolean {
  try {
    const manifest: unknown = JSON.parse(text)
    return typeof manifest === 'object' && manifest !== null && 'private' in manifest && manifest.private === true
  } catch {
    // What is no manifest says nothing; other checks say that it is none.
    return false
  }
}
