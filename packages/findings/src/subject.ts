/** What a check looks at, always named by digest so that a statement about it cannot drift. */
export type SubjectKind = 'tree' | 'image' | 'revision'

export type Subject =
  /** The source tree as one snapshot. `digest` covers every path, mode and content in it. */
  | { readonly kind: 'tree'; readonly digest: Digest; readonly commit?: string; readonly dirty?: boolean }
  /** An OCI image. `digest` is the manifest's. */
  | { readonly kind: 'image'; readonly digest: Digest; readonly reference?: string }
  /** A running revision of a service. `digest` is that of the image it runs. */
  | { readonly kind: 'revision'; readonly digest: Digest; readonly service: string; readonly revision: string; readonly uri: string }

/** `sha256:` and 64 lower-case hex digits, as the OCI image specification spells it. */
export type Digest = `sha256:${string}`

const digestPattern = /^sha256:[0-9a-f]{64}$/

export function isDigest(text: string): text is Digest {
  return digestPattern.test(text)
}
