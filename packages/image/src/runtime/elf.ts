import { ImageError } from '../error.ts'

/** The machines that a Cloud Run image may be for, by their number in an ELF header (e_machine). */
const machines = new Map([[62, 'amd64'], [183, 'arm64']] as const)

export type Machine = 'amd64' | 'arm64'

/** What a dynamic loader needs to know about a program or library. */
export interface ElfFacts {
  readonly machine: Machine
  /** The loader that the kernel starts (PT_INTERP), an absolute path; absent in libraries and static programs. */
  readonly interpreter?: string
  /** Libraries by name, in the order of the file (DT_NEEDED). */
  readonly needed: readonly string[]
  /** Directories to search first (DT_RUNPATH, else DT_RPATH); `$ORIGIN` is not replaced. */
  readonly runPath: readonly string[]
}

/** Bytes that can be read piecewise, such as a file of 150 MB of which a few kB matter. */
export interface ByteSource {
  /** Up to `length` bytes from `offset`, any number; fewer only at the end, none behind it. */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>
}

interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly size: number
}

const segmentType = { load: 1, dynamic: 2, interpreter: 3 } as const
const dynamicTag = { end: 0, needed: 1, stringTable: 5, rPath: 15, runPath: 29 } as const
const wantedTags = new Set(Object.values(dynamicTag).map(BigInt))

// A real file has a dozen segments and a few hundred dynamic entries. The limits keep a hostile one cheap.
const maxSegments = 512
const segmentBytes = 56
const maxDynamicBytes = 64 * 1024
const maxText = 4096

/** Reads a 64-bit little-endian ELF file (System V ABI, gABI chapters 4 and 5). Anything else throws `not-elf`. */
export async function readElf(source: ByteSource, name: string): Promise<ElfFacts> {
  const header = await exactly(source, 0, 64, name)
  const isElf64Little = header.getUint32(0) === 0x7f454c46 && header.getUint8(4) === 2 && header.getUint8(5) === 1
  if (!isElf64Little) throw notElf(name, 'it does not begin as a 64-bit little-endian one does')
  const machine = machines.get(header.getUint16(18, true) as 62 | 183)
  if (machine === undefined) throw notElf(name, `its machine is number ${header.getUint16(18, true)}, neither amd64 nor arm64`)

  const segments = await readSegments(source, header, name)
  const interpreter = segments.find((segment) => segment.type === segmentType.interpreter)
  const dynamic = segments.find((segment) => segment.type === segmentType.dynamic)
  return {
    machine,
    ...(interpreter === undefined ? {} : { interpreter: await text(source, interpreter.offset, name) }),
    ...(dynamic === undefined ? { needed: [], runPath: [] } : await readDynamic(source, dynamic, segments, name)),
  }
}

async function readSegments(source: ByteSource, header: DataView, name: string): Promise<readonly Segment[]> {
  const entrySize = header.getUint16(54, true)
  const count = header.getUint16(56, true)
  if (count > maxSegments || (count > 0 && entrySize !== segmentBytes)) throw notElf(name, 'its program headers are impossible')
  const table = await exactly(source, integer(header, 32), segmentBytes * count, name)
  return Array.from({ length: count }, (_, index) => {
    const at = index * segmentBytes
    return {
      type: table.getUint32(at, true),
      offset: integer(table, at + 8),
      address: integer(table, at + 16),
      size: integer(table, at + 32),
    }
  })
}

async function readDynamic(
  source: ByteSource,
  dynamic: Segment,
  segments: readonly Segment[],
  name: string,
): Promise<Pick<ElfFacts, 'needed' | 'runPath'>> {
  if (dynamic.size > maxDynamicBytes) throw notElf(name, 'its dynamic section is impossibly large')
  const table = await exactly(source, dynamic.offset, dynamic.size - (dynamic.size % 16), name)
  const values = new Map<number, number[]>()
  for (let at = 0; at < table.byteLength; at += 16) {
    const tag = table.getBigInt64(at, true)
    if (tag === BigInt(dynamicTag.end)) break
    if (!wantedTags.has(tag)) continue
    const value = integer(table, at + 8)
    values.set(Number(tag), [...(values.get(Number(tag)) ?? []), value])
  }
  const address = values.get(dynamicTag.stringTable)?.[0]
  if (address === undefined) return { needed: [], runPath: [] }
  const strings = offsetOf(address, segments, name)
  const textsOf = async (tag: number): Promise<readonly string[]> => {
    const texts: string[] = []
    for (const value of values.get(tag) ?? []) texts.push(await text(source, strings + value, name))
    return texts
  }
  const runPath = [...(await textsOf(dynamicTag.runPath))]
  // ld.so(8): DT_RPATH counts only where there is no DT_RUNPATH.
  const path = runPath.length > 0 ? runPath : await textsOf(dynamicTag.rPath)
  const directories = path.flatMap((list) => list.split(':'))
  return { needed: await textsOf(dynamicTag.needed), runPath: directories.filter((directory) => directory !== '') }
}

/** Where in the file the loader would map an address from. */
function offsetOf(address: number, segments: readonly Segment[], name: string): number {
  const segment = segments.find(({ type, address: start, size }) => type === segmentType.load && address >= start && address < start + size)
  if (segment === undefined) throw notElf(name, 'its string table is in no segment')
  return segment.offset + (address - segment.address)
}

async function text(source: ByteSource, offset: number, name: string): Promise<string> {
  const bytes = await source.read(offset, maxText)
  const end = bytes.indexOf(0)
  if (end === -1) throw notElf(name, 'a text in it does not end')
  return new TextDecoder().decode(bytes.subarray(0, end))
}

async function exactly(source: ByteSource, offset: number, length: number, name: string): Promise<DataView> {
  const bytes = await source.read(offset, length)
  if (bytes.length !== length) throw notElf(name, 'it ends too early')
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Beyond 2^53 it is not exact, and far behind the end of any file. */
function integer(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true))
}

function notElf(name: string, why: string): ImageError {
  return new ImageError('not-elf', `${name} is not an ELF file that this library reads: ${why}`)
}
