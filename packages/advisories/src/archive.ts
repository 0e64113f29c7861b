/**
 * Whether an address of a registry's archive is that of the package: `…/name/-/name-1.0.0.tgz`, GitHub's
 * `…/download/name/1.0.0/…`, others' `…/name/download/name-1.0.0.tgz`. What is no address of that kind cannot be told.
 */
export function isArchiveOf(address: string, name: string, version: string): boolean {
  const path = pathOf(address)
  if (path === undefined) return true
  const dash = path.lastIndexOf('/-/')
  const download = path.lastIndexOf('/download/')
  const file = path.slice(path.lastIndexOf('/') + 1)
  // Build metadata is no part of what a registry calls a version.
  const released = version.replace(/\+.*$/s, '')
  const files = [released, version].map((it) => `${name.slice(name.lastIndexOf('/') + 1)}-${it}.tgz`)
  if (dash >= 0) return path.slice(0, dash).endsWith(`/${name}`) && files.includes(file)
  if (download >= 0) return path.slice(download).startsWith(`/download/${name}/${released}/`) || (path.slice(0, download).endsWith(`/${name}`) && files.includes(file))
  return true
}

/** The host, with its port, that an address of the web names. */
export function hostOf(address: string): string | undefined {
  return /^https?:/i.test(address) && URL.canParse(address) ? new URL(address).host : undefined
}

function pathOf(address: string): string | undefined {
  if (hostOf(address) === undefined) return undefined
  try {
    return decodeURIComponent(new URL(address).pathname)
  } catch {
    // Percent signs that encode nothing: as it is written, so that it is like no package's.
    return new URL(address).pathname
  }
}
