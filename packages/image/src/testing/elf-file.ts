/** A small but well-formed 64-bit ELF file, for tests that need a library which this machine does not have. */
export interface ElfPlan {
  readonly machine?: 'amd64' | 'arm64'
  readonly interpreter?: string
  readonly needed?: readonly string[]
  readonly runPath?: string
  readonly rPath?: string
}

/** Where the string table would be in memory; not its place in the file, so that a reader must map it. */
const base = 0x40_0000
const headerBytes = 64
const segmentBytes = 56

export function elfFile({ machine = 'amd64', interpreter, needed = [], runPath, rPath }: ElfPlan): Uint8Array {
  let strings = '\0'
  const add = (value: string): bigint => {
    const at = BigInt(strings.length)
    strings += `${value}\0`
    return at
  }
  const tags: (readonly [bigint, bigint])[] = needed.map((name) => [1n, add(name)] as const)
  if (rPath !== undefined) tags.push([15n, add(rPath)])
  if (runPath !== undefined) tags.push([29n, add(runPath)])
  const interpreterAt = interpreter === undefined ? undefined : Number(add(interpreter))

  const segments = interpreterAt === undefined ? 2 : 3
  const stringsAt = headerBytes + segments * segmentBytes
  const dynamicAt = stringsAt + strings.length
  tags.push([5n, BigInt(base + stringsAt)], [0n, 0n])
  const file = Buffer.alloc(dynamicAt + tags.length * 16)
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(file)
  file.writeUInt16LE(machine === 'amd64' ? 62 : 183, 18)
  file.writeBigUInt64LE(BigInt(headerBytes), 32)
  file.writeUInt16LE(segmentBytes, 54)
  file.writeUInt16LE(segments, 56)
  const segment = (index: number, type: number, offset: number, size: number): void => {
    const at = headerBytes + index * segmentBytes
    file.writeUInt32LE(type, at)
    file.writeBigUInt64LE(BigInt(offset), at + 8)
    file.writeBigUInt64LE(BigInt(base + offset), at + 16)
    file.writeBigUInt64LE(BigInt(size), at + 32)
  }
  segment(0, 1, 0, file.length)
  segment(1, 2, dynamicAt, tags.length * 16)
  if (interpreterAt !== undefined) segment(2, 3, stringsAt + interpreterAt, interpreter!.length + 1)
  file.write(strings, stringsAt)
  for (const [index, [tag, value]] of tags.entries()) {
    file.writeBigInt64LE(tag, dynamicAt + index * 16)
    file.writeBigUInt64LE(value, dynamicAt + index * 16 + 8)
  }
  return file
}
