import { timingSafeEqual } from 'node:crypto'

/** Whether a header value is `Bearer` and the token, compared in constant time. */
export function isToken(value: string | string[] | undefined, token: string): boolean {
  if (typeof value !== 'string') return false
  const given = Buffer.from(value.replace(/^bearer +/i, 'Bearer '))
  const expected = Buffer.from(`Bearer ${token}`)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
