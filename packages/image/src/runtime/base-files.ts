import type { LayerEntry } from '../oci/layer-entry.ts'

/** The user that services run as: no shell, no home, and a number that no distribution gives away. */
export const serviceUser = { name: 'nonroot', uid: 65_532, gid: 65_532 } as const

/**
 * The few files that programs expect on any Linux: users, where names are looked up, and a directory for temporary files.
 * No /etc/hosts and /etc/resolv.conf: whoever runs the container brings them.
 */
export function baseEntries(): readonly LayerEntry[] {
  const { name, uid, gid } = serviceUser
  return [
    textFile('etc/passwd', `root:x:0:0:root:/root:/usr/sbin/nologin\n${name}:x:${uid}:${gid}:${name}:/nonexistent:/usr/sbin/nologin\n`),
    textFile('etc/group', `root:x:0:\n${name}:x:${gid}:\n`),
    textFile('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
    { kind: 'directory', path: 'tmp', mode: 0o1777 },
  ]
}

function textFile(path: string, text: string): LayerEntry {
  return { kind: 'file', path, mode: 0o644, content: new TextEncoder().encode(text) }
}
