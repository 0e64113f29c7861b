import { statfsSync } from 'node:fs'
import { createServer } from 'node:net'

/** Bytes that a user who is not root can still write where a path is. */
export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}

export interface OwnPlatform {
  readonly system: NodeJS.Platform
  readonly architecture: string
  /** `glibc 2.36`; undefined where there is none, as on Alpine. */
  readonly libc?: string
}

export function ownPlatform(): OwnPlatform {
  const report: unknown = process.report?.getReport()
  const header = typeof report === 'object' && report !== null && 'header' in report ? report.header : undefined
  const version = typeof header === 'object' && header !== null && 'glibcVersionRuntime' in header ? header.glibcVersionRuntime : undefined
  return { system: process.platform, architecture: process.arch, ...(typeof version === 'string' && { libc: `glibc ${version}` }) }
}

/** Whether nobody listens on a port of 127.0.0.1. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
