import type { IncomingMessage } from 'node:http'
import { isToken } from '../bearer-token.ts'
import { ApiError } from '../resource/status.ts'

/**
 * Who may speak to the Admin API: a program of this machine that can read the token file. In this order:
 * a loopback Host (a page whose name was rebound to 127.0.0.1 has another), no Origin (a browser sends one with every
 * request that could change something), and the token.
 */
export function guard(request: IncomingMessage, token: string): void {
  const host = (request.headers.host ?? '').toLowerCase().replace(/:\d{1,5}$/, '')
  // Names below localhost are always this machine (RFC 6761 §6.3); gcloud puts a region before the name that it is given.
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(host) && !host.endsWith('.localhost'))
    throw new ApiError('PERMISSION_DENIED', 'The Admin API answers to loopback host names only.')
  if (request.headers.origin !== undefined) throw new ApiError('PERMISSION_DENIED', 'The Admin API does not answer to browsers.')
  if (request.headers.authorization === undefined)
    throw new ApiError('UNAUTHENTICATED', 'The request needs the header "Authorization: Bearer" with the admin token.')
  if (!isToken(request.headers.authorization, token)) throw new ApiError('UNAUTHENTICATED', 'The admin token is not the right one.')
}
