import { fail, ok, type Result } from '@shiplock/findings'
import type { Component } from './component.ts'
import { connect } from './connect.ts'
import { duplicateKeyOfJson, duplicateKeyOfYaml } from './duplicate-key.ts'
import type { LockDocument } from './lock-document.ts'

export interface LockFile {
  readonly components: readonly Component[]
  /** What is in package.json and not in the lock file, or otherwise than there. */
  readonly outOfStep: readonly OutOfStep[]
  /** Folders whose package.json it speaks of, `''` for its own. */
  readonly workspaces: ReadonlySet<string>
  /** Whether the format keeps these at all: a lock file of a format that does not lacks nothing. */
  readonly keepsIntegrity: boolean
}

export interface OutOfStep {
  /** Folder of the package.json, `''` for the root of the lock file. */
  readonly workspace: string
  readonly name: string
  readonly range: string
  readonly locked: string | undefined
}

/** A package.json beside or below the lock file, by its folder relative to the lock file's. */
export type Manifests = ReadonlyMap<string, Manifest>

export interface Manifest {
  readonly name: string | undefined
  /** Globs of the folders that are installed with it. */
  readonly workspaces: readonly string[]
  readonly dependencies: ReadonlyMap<string, Asked>
  /** Real names of packages that it puts in the place of others. */
  readonly replacements: ReadonlySet<string>
  /** What it wants of whoever uses it; package managers may install that too. */
  readonly peers: ReadonlySet<string>
}

export interface Asked {
  readonly range: string
  readonly isDev: boolean
  readonly isOptional: boolean
}

export const lockFileNames = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock'] as const

/** Characters; the lock file of a monorepo with 10,000 packages has about 5 million. */
export const largestLockFile = 64 * 1024 * 1024

type Reader = (text: string, manifests: Manifests) => LockDocument

const packageLock = async (): Promise<Reader> => (await import('./package-lock.ts')).readPackageLock

/** Each with its parser, loaded where there is such a file. */
const readers: ReadonlyMap<string, () => Promise<Reader>> = new Map<string, () => Promise<Reader>>([
  ['package-lock.json', packageLock],
  ['npm-shrinkwrap.json', packageLock],
  ['pnpm-lock.yaml', async () => (await import('./pnpm-lock.ts')).readPnpmLock],
  ['yarn.lock', async () => (await import('./yarn-lock.ts')).readYarnLock],
  ['bun.lock', async () => (await import('./bun-lock.ts')).readBunLock],
])

/** Of a text that says two things of one key. */
export const saidTwice = (key: string): string => `it has the key ${JSON.stringify(key.slice(0, 100))} twice, so that it depends on the reader what it says`

/** Reads a lock file by its name. What cannot be read fails with a sentence; nothing in a text throws. */
export async function readLockFile(name: string, text: string, manifests: Manifests): Promise<Result<LockFile, string>> {
  return withDocument(name, text, manifests, (document) => connect(document, text, manifests))
}

/** The same, without what is made of it: the packages, and who asks for which. */
export async function readLockDocument(name: string, text: string, manifests: Manifests = new Map()): Promise<Result<LockDocument, string>> {
  return withDocument(name, text, manifests, (document) => document)
}

async function withDocument<T>(name: string, text: string, manifests: Manifests, work: (document: LockDocument) => T): Promise<Result<T, string>> {
  const reader = readers.get(name)
  if (!reader) return fail(`${name} is no lock file that is known here`)
  if (text.length > largestLockFile) return fail(`it is larger than ${largestLockFile / 1024 / 1024} MiB`)
  const read = await reader()
  try {
    const document = read(text, manifests)
    const twice = /\.(?:json|lock)$/.test(name) && text.trimStart().startsWith('{') ? duplicateKeyOfJson(text) : duplicateKeyOfYaml(text)
    return twice === undefined ? ok(work(document)) : fail(saidTwice(twice))
  } catch (error) {
    // Parsers of other people meet whatever an attacker writes; a stack that overflows is one of their answers.
    return fail(error instanceof Error ? (error.message.split('\n')[0] ?? '').slice(0, 200) : 'it cannot be parsed')
  }
}
