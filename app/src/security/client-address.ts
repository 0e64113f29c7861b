import { isIP } from 'node:net'
import type { IncomingMessage } from 'node:http'

/** Finds the address that a request came from, as far as it can be trusted. */
export type ClientAddress = (message: Pick<IncomingMessage, 'headers' | 'socket'>) => string

/** Of an IPv6 socket an IPv4 client is `::ffff:192.0.2.1`. */
const withoutMapping = (address: string): string => (address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address)

/**
 * Each proxy adds the address that it sees to the end of X-Forwarded-For. What the `trustedHops` proxies in front of us
 * added is true; what stands further left came with the request, and anybody can write it. So the list is counted from
 * the right; with no proxy it is not looked at.
 */
export function createClientAddress(trustedHops: number): ClientAddress {
  return ({ headers, socket }) => {
    let address = withoutMapping(socket.remoteAddress ?? '')
    if (trustedHops === 0) return address
    const forwarded = headers['x-forwarded-for']
    const entries = typeof forwarded === 'string' ? forwarded.split(',') : []
    for (let hop = 0; hop < trustedHops; hop++) {
      const entry = entries.pop()?.trim() ?? ''
      // Fewer proxies than there should be, or one that writes something else: what the last good one saw.
      if (isIP(entry) === 0) return address
      address = withoutMapping(entry.toLowerCase())
    }
    return address
  }
}

/** The network that one client can send from: an IPv4 address, or the /64 that a single IPv6 subscriber gets. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail = ''] = address.split('%', 1)[0]?.split('::', 2) ?? []
  const before = head === '' ? [] : head.split(':')
  const after = tail === '' ? [] : tail.split(':')
  // A dotted end stands for two groups.
  const groups = before.length + after.length + (address.includes('.') ? 1 : 0)
  const zeros = address.includes('::') ? Array.from({ length: Math.max(0, 8 - groups) }, () => '0') : []
  const network = [...before, ...zeros, ...after].slice(0, 4)
  return `${network.map((group) => group.toLowerCase().replace(/^0+(?=.)/, '')).join(':')}::/64`
}
