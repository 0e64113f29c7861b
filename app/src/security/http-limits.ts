/** How much, and how long, one client may make this service hold on to. */
export interface HttpLimits {
  /** The largest body. */
  readonly bodyBytes: number
  /** All header lines of a request together, its first line included. */
  readonly headerBytes: number
  readonly headerCount: number
  readonly urlLength: number
  /** To send all headers, from the first byte or, on a new connection, from its opening. */
  readonly headersMs: number
  /** To send the whole request. */
  readonly requestMs: number
  /** Between two requests on one connection. */
  readonly keepAliveMs: number
  /** Without a byte either way while an answer is under way: a client that does not read. */
  readonly silenceMs: number
  /** How often the times for headers and requests are looked at. */
  readonly checkEveryMs: number
  /** Connections at once; more are closed as they come. */
  readonly connections: number
  /** Requests of one connection that are not yet answered. */
  readonly pipelined: number
}

export const httpLimits: HttpLimits = {
  // The largest form: 200 characters of four bytes, each byte percent-encoded, and room for the token.
  bodyBytes: 16 * 1024,
  headerBytes: 16 * 1024,
  headerCount: 100,
  urlLength: 2_000,
  headersMs: 10_000,
  requestMs: 10_000,
  // Longer than the 60 s after which load balancers and proxies commonly drop an idle connection. Were it the other way
  // round, a request could meet our closing on its way, and the proxy could only answer it with 502.
  keepAliveMs: 65_000,
  silenceMs: 30_000,
  checkEveryMs: 1_000,
  // At some 20 kB each well below 512 MB.
  connections: 15_000,
  // Browsers and load balancers send one at a time. One read of 64 kB can hold two thousand, and each would be begun at once.
  pipelined: 16,
}
