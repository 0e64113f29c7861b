/** `registry/repository:tag@digest`, as the distribution specification spells it. */
export interface ImageReference {
  readonly written: string
  /** With the registry where one is written, and without the defaults of Docker Hub (`docker.io/library/`). */
  readonly repository: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

export function parseImageReference(written: string): ImageReference {
  const [name = '', digest] = written.split('@', 2)
  const colon = name.lastIndexOf(':')
  const hasTag = colon > name.lastIndexOf('/')
  return {
    written,
    repository: (hasTag ? name.slice(0, colon) : name).replace(/^(?:(?:index\.)?docker\.io|mirror\.gcr\.io|public\.ecr\.aws\/docker)\//, '').replace(/^library\//, ''),
    tag: hasTag ? name.slice(colon + 1) : undefined,
    digest,
  }
}

// Images whose configuration names no user, so that what is built from them runs as root until USER says otherwise.
const rootByDefault = new Set(
  `alpine almalinux amazoncorretto amazonlinux bash buildpack-deps busybox caddy centos clojure composer debian denoland/deno docker eclipse-temurin elixir erlang
  fedora gcc golang gradle haskell httpd ibmjava maven mono nginx node openjdk oraclelinux oven/bun perl php pypy python r-base rockylinux ruby rust sapmachine
  swift tomcat ubuntu mcr.microsoft.com/playwright nvidia/cuda opensuse/leap opensuse/tumbleweed`.split(/\s+/),
)

/** Whether a container of the image is root unless a USER is set; undefined where that is not known. */
export function isRootByDefault({ repository, tag = 'latest' }: ImageReference): boolean | undefined {
  if (/(?:^|[-.])(?:nonroot|rootless|unprivileged|non-root)(?:$|[-.])/.test(`${repository}-${tag}`)) return false
  if (repository.startsWith('gcr.io/distroless/')) return true
  return rootByDefault.has(repository) ? true : undefined
}

/** Node's image on Docker Hub, in any variant. */
export const isNodeImage = ({ repository }: ImageReference) => repository === 'node'

export const isDistrolessNode = ({ repository }: ImageReference) => /^gcr\.io\/distroless\/nodejs\d*(?:-debian\d+)?$/.test(repository)

/** Starts a service by itself, with nothing but files added. */
export const isServer = ({ repository }: ImageReference) => /^(?:nginx|httpd|caddy|tomcat)$/.test(repository)

/** For a message: a digest says nothing to a person. */
export const withoutDigest = ({ written }: ImageReference) => written.split('@', 1)[0] ?? written
