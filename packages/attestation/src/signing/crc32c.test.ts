import { expect, test } from 'vitest'
import { crc32c } from './crc32c.ts'

test.each<[string, readonly number[], number]>([
  ['nothing', [], 0],
  ['32 zeros', Array.from({ length: 32 }, () => 0), 0x8a9136aa],
  ['32 ones', Array.from({ length: 32 }, () => 0xff), 0x62a8ab43],
  ['32 rising bytes', Array.from({ length: 32 }, (_, at) => at), 0x46dd794e],
  ['32 falling bytes', Array.from({ length: 32 }, (_, at) => 31 - at), 0x113fdb5c],
  ['the digits', [...Buffer.from('123456789')], 0xe3069283],
])('the sum of %s is the one that RFC 3720 gives', (_, bytes, sum) => {
  expect(crc32c(new Uint8Array(bytes))).toBe(sum)
})
