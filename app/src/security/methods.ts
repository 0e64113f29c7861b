/** Whether a method only reads: the safe ones (RFC 9110 §9.2.1) of those that http-server.ts lets in. */
export const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
