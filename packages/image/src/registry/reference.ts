import { ImageError, quote } from '../error.ts'
import { isDigest, type Digest } from '../oci/digest.ts'

/** Where an image is in a registry. */
export interface ImageReference {
  /** Host and perhaps port as in the reference, e.g. `docker.io` or `127.0.0.1:5000`. */
  readonly registry: string
  /** The path in the registry, e.g. `library/node`. */
  readonly repository: string
  readonly tag?: string
  readonly digest?: Digest
}

const dockerHub = 'docker.io'
const longestName = 255
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const pathPattern = new RegExp(`^${component}(?:/${component})*$`)
const label = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const hostPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`)
const tagPattern = /^\w[\w.-]{0,127}$/

/**
 * Reads a reference by the grammar of the distribution project (reference/reference.go), as Docker does: without a host it is Docker
 * Hub's, without tag and digest it is tagged `latest`. Anything else throws `reference-invalid`.
 */
export function parseReference(text: string): ImageReference {
  const refuse = (reason: string): never => {
    throw new ImageError('reference-invalid', `${quote(text)} is not the name of an image: ${reason}`, {
      hint: 'Write host/path:tag or host/path@sha256:…, such as ghcr.io/example/todo:1.2.0.',
    })
  }
  const at = text.indexOf('@')
  const named = at === -1 ? text : text.slice(0, at)
  const digest = at === -1 ? undefined : text.slice(at + 1)
  if (digest !== undefined && !isDigest(digest)) return refuse('what follows @ is no sha256 digest')
  const colon = named.lastIndexOf(':')
  const hasTag = colon > named.lastIndexOf('/')
  const tag = hasTag ? named.slice(colon + 1) : undefined
  if (tag !== undefined && !tagPattern.test(tag)) return refuse('its tag is none')
  const { registry, repository } = split(hasTag ? named.slice(0, colon) : named)
  if (!hostPattern.test(registry)) return refuse('its host is none')
  if (!isPort(registry)) return refuse('its port is none')
  if (!pathPattern.test(repository)) return refuse('its path may have lower-case letters, digits and single separators')
  if (registry.length + repository.length + 1 > longestName) return refuse(`it is longer than ${longestName} characters`)
  return { registry, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? (tag === undefined ? { tag: 'latest' } : {}) : { digest }) }
}

/** A first name with a dot or a colon, in capitals, or `localhost` is a host; any other belongs to the path. */
function split(name: string): { readonly registry: string; readonly repository: string } {
  const slash = name.indexOf('/')
  const first = slash === -1 ? '' : name.slice(0, slash)
  const isHost = /[.:]/.test(first) || first === 'localhost' || (first !== '' && first.toLowerCase() !== first)
  const registry = isHost ? (first === 'index.docker.io' ? dockerHub : first) : dockerHub
  const path = isHost ? name.slice(slash + 1) : name
  return { registry, repository: registry === dockerHub && !path.includes('/') ? `library/${path}` : path }
}

function isPort(registry: string): boolean {
  const port = /:(\d+)$/.exec(registry.replace(/^\[.*\]/, 'v6'))?.[1]
  return port === undefined || (Number(port) > 0 && Number(port) < 65_536)
}

/** The reference in full: `parseReference` reads the same back. */
export function formatReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

/** The host that answers for a registry: Docker Hub's name is not that of its API. */
export function apiHost(registry: string): string {
  return registry === dockerHub ? 'registry-1.docker.io' : registry
}
