import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { createClientAddress, networkOf } from './client-address.ts'

const messageFrom = (remoteAddress: string | undefined, forwarded?: string): IncomingMessage =>
  ({ headers: { ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }) }, socket: { remoteAddress } }) as unknown as IncomingMessage

test.each([
  [0, '192.0.2.1', undefined, '192.0.2.1'],
  [0, '192.0.2.1', '203.0.113.7', '192.0.2.1'],
  [1, '10.0.0.1', '203.0.113.7', '203.0.113.7'],
  [1, '10.0.0.1', 'spoofed, 198.51.100.9, 203.0.113.7', '203.0.113.7'],
  [2, '10.0.0.1', '198.51.100.9, 203.0.113.7, 10.0.0.2', '203.0.113.7'],
  [2, '10.0.0.1', '203.0.113.7 ,10.0.0.2 ', '203.0.113.7'],
  [1, '10.0.0.1', '2001:DB8::1', '2001:db8::1'],
])('with %i proxies, from %s with X-Forwarded-For %s, the client is %s', (hops, socket, forwarded, expected) => {
  expect(createClientAddress(hops)(messageFrom(socket, forwarded))).toBe(expected)
})

test.each([
  [1, undefined, '10.0.0.1'],
  [1, '', '10.0.0.1'],
  [1, 'unknown', '10.0.0.1'],
  [1, '203.0.113.7, \n', '10.0.0.1'],
  [2, '203.0.113.7', '203.0.113.7'],
  [3, 'evil, 203.0.113.7, 10.0.0.2', '203.0.113.7'],
])('with %i proxies and X-Forwarded-For %j the last address that was good counts', (hops, forwarded, expected) => {
  expect(createClientAddress(hops)(messageFrom('10.0.0.1', forwarded))).toBe(expected)
})

test('an IPv4 client of an IPv6 socket is an IPv4 client', () => {
  expect(createClientAddress(0)(messageFrom('::ffff:192.0.2.1'))).toBe('192.0.2.1')
  expect(createClientAddress(1)(messageFrom('::1', '::FFFF:192.0.2.1'))).toBe('192.0.2.1')
  expect(createClientAddress(0)(messageFrom(undefined))).toBe('')
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
])('%s is of the network %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
