import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'

/** A file of `public/`, in memory, with the path that it is served under. */
interface StaticFile {
  readonly path: string
  readonly contentType: string
  readonly cacheControl: string
  readonly content: Buffer
}

/** The files that every page refers to, and the one that crawlers ask for. */
export interface StaticFiles {
  readonly stylesheet: StaticFile
  readonly script: StaticFile
  readonly icon: StaticFile
  readonly robots: StaticFile
}

/** Reads them once; `folder` ends in a slash. Throws when one is missing: the service is then not whole. */
export function readStaticFiles(folder: URL): StaticFiles {
  // The hash of the content is part of the path, so that browsers may keep it for ever and never show an old one.
  const hashed = (name: string, contentType: string): StaticFile => {
    const content = readFileSync(new URL(name, folder))
    const hash = createHash('sha256').update(content).digest('base64url').slice(0, 10)
    return { path: `/assets/${hash}/${name}`, contentType, cacheControl: 'public, max-age=31536000, immutable', content }
  }
  return {
    stylesheet: hashed('style.css', 'text/css; charset=utf-8'),
    script: hashed('todo.js', 'text/javascript; charset=utf-8'),
    icon: hashed('icon.svg', 'image/svg+xml'),
    robots: {
      path: '/robots.txt',
      contentType: 'text/plain; charset=utf-8',
      cacheControl: 'public, max-age=86400',
      content: readFileSync(new URL('robots.txt', folder)),
    },
  }
}

/** One route a file: nothing in a request ever becomes part of a path on disk. */
export function serveStaticFiles(app: FastifyInstance, files: StaticFiles): void {
  for (const file of [files.stylesheet, files.script, files.icon, files.robots]) {
    app.get(file.path, (_request, reply) =>
      reply.header('cache-control', file.cacheControl).type(file.contentType).send(file.content),
    )
  }
}
