import { createHash } from 'node:crypto'
import { writePurl } from './purl.ts'

/** A program's version is written in it; the text is the one that other scanners look for too. */
const marker = Buffer.from('node.js/v')
const longestVersion = 64
const seamBytes = marker.length + longestVersion

export interface ProgramFacts {
  readonly sha256: string
  /** Where it is Node. */
  readonly nodeVersion?: string
}

/** What a program is: its digest, and the version of Node that it is, where it is Node. It is read once, in pieces. */
export async function examineProgram(pieces: AsyncIterable<Uint8Array>): Promise<ProgramFacts> {
  const hash = createHash('sha256')
  let version: string | undefined
  let isElf: boolean | undefined
  let tail: Buffer = Buffer.alloc(0)
  for await (const piece of pieces) {
    hash.update(piece)
    if (version !== undefined || isElf === false) continue
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    // Where two pieces meet, and then the piece itself: to join them all would copy the whole program.
    const seam = Buffer.concat([tail, bytes.subarray(0, seamBytes)])
    if (isElf === undefined && seam.length >= 4) isElf = seam.readUInt32BE(0) === 0x7f_45_4c_46
    version = versionIn(seam) ?? versionIn(bytes)
    tail = bytes.length >= seamBytes ? bytes.subarray(-seamBytes) : seam.subarray(-seamBytes)
  }
  // At the very end of the file what follows the version need not be seen.
  if (isElf === true) version ??= versionIn(Buffer.concat([tail, Buffer.alloc(longestVersion)]))
  return { sha256: hash.digest('hex'), ...(isElf === true && version !== undefined && { nodeVersion: version }) }
}

/** Of those that are seen whole. */
function versionIn(bytes: Buffer): string | undefined {
  for (let at = bytes.indexOf(marker); at >= 0 && at + seamBytes <= bytes.length; at = bytes.indexOf(marker, at + 1)) {
    const version = /^v(\d{1,4}\.\d{1,4}\.\d{1,4}(?:-[a-z][\w.]{0,30})?)(?![\w.])/.exec(bytes.toString('latin1', at + marker.length - 1, at + seamBytes))?.[1]
    if (version !== undefined) return version
  }
  return undefined
}

export const nodePurl = (version: string): string => writePurl({ type: 'generic', name: 'node', version })

/** As the National Vulnerability Database names it. */
export const nodeCpe = (version: string): string => `cpe:2.3:a:nodejs:node.js:${version.replace(/[^\w.]/g, '\\$&')}:*:*:*:*:*:*:*`
