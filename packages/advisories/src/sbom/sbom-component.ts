import type { LayerReference } from './image-file.ts'

/** Something that is part of an image: an operating system's package, an npm package, a program. */
export interface SbomComponent {
  /** Names it in its document, and in no other (`bom-ref` of CycloneDX). */
  readonly ref: string
  readonly type: 'library' | 'application' | 'operating-system'
  readonly name: string
  readonly version: string
  /** Package URL; absent for what has no type of purl. */
  readonly purl?: string
  /** CPE 2.3, where scanners know it by that. */
  readonly cpe?: string
  /** SPDX expressions, or what the package calls its licences where they are none. */
  readonly licences: readonly string[]
  /** Of its archive, or of the file that it is. */
  readonly hashes: readonly Hash[]
  /** What it was built from, where advisories are about that: Debian's source package, Alpine's origin. */
  readonly source?: { readonly name: string; readonly version: string }
  readonly supplier?: string
  readonly description?: string
  /** Where it is known from. */
  readonly locations: readonly ComponentLocation[]
}

export interface ComponentLocation {
  readonly path: string
  /** Absent where it is from a lock file that was handed in. */
  readonly layer?: LayerReference
}

/** Algorithms as CycloneDX spells them. */
export const hashAlgorithms = ['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'] as const

export interface Hash {
  readonly algorithm: (typeof hashAlgorithms)[number]
  /** Lower-case hex. */
  readonly content: string
}

/** What the image is that a catalogue is of. */
export interface ImageIdentity {
  /** How people call it: a reference, or a name. */
  readonly name: string
  /** Of its manifest: `sha256:…`. */
  readonly digest: string
  readonly architecture: 'amd64' | 'arm64'
  /** As its configuration says, RFC 3339; the documents carry that time and no other. */
  readonly created?: string
  readonly layers: readonly LayerReference[]
}

/** Everything that is known to be in an image. */
export interface Catalogue {
  readonly image: ImageIdentity
  readonly distribution?: Distribution
  /** Sorted by `ref`. */
  readonly components: readonly SbomComponent[]
  /** What each needs, by `ref`. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>
  /** What is there and could not be read, one sentence each: a catalogue with any of these is not whole. */
  readonly unread: readonly string[]
}

/** From os-release(5). */
export interface Distribution {
  readonly id: string
  /** Absent for testing and unstable. */
  readonly versionId?: string
  readonly name: string
  readonly codename?: string
  readonly cpe?: string
}
