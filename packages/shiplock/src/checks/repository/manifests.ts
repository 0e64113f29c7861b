import type { FindingDraft } from '@shiplock/findings'
import { enginesMissing } from './rules/engines-missing.ts'
import { licenseMissing } from './rules/license-missing.ts'
import { severalLockFiles } from './rules/several-lock-files.ts'
import { unparsable } from './rules/unparsable.ts'
import { baseName, finding, folderOf, isSample, largest, type Tree } from './tree.ts'

/** path → the object in a package.json. */
export type Manifests = ReadonlyMap<string, Readonly<Record<string, unknown>>>

/** Those that are no samples. */
export async function readManifests(tree: Tree): Promise<{ manifests: Manifests; findings: FindingDraft[] }> {
  const manifests = new Map<string, Record<string, unknown>>()
  const findings: FindingDraft[] = []
  for (const path of tree.paths) {
    if (baseName(path) !== 'package.json' || isSample(path) || tree.isLink(path)) continue
    const value = tree.size(path) > largest ? undefined : parse(await tree.text(path))
    if (isObject(value)) manifests.set(path, value)
    else findings.push(finding(unparsable, tree.size(path) > largest ? `is larger than ${largest} bytes` : 'is not a JSON object', path))
  }
  return { manifests, findings }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    // The caller makes a finding of what is no object.
    return undefined
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

const managers: Readonly<Record<string, string>> = {
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
  'yarn.lock': 'Yarn',
  'pnpm-lock.yaml': 'pnpm',
  'bun.lock': 'Bun',
  'bun.lockb': 'Bun',
}

export function findManifestGaps(tree: Tree, manifests: Manifests): FindingDraft[] {
  return [...manifests].flatMap(([path, manifest]) => [...lockFindings(tree, path), ...licenseFindings(tree, path, manifest), ...(path === 'package.json' ? engineFindings(tree, manifest) : [])])
}

/** That there is none at all is what `dependencies` says, which knows what it would have spoken of. */
function lockFindings(tree: Tree, path: string): FindingDraft[] {
  const locks = Object.keys(managers).filter((name) => tree.has(`${folderOf(path)}${name}`))
  const used = new Set(locks.map((name) => managers[name]))
  return used.size > 1 ? [finding(severalLockFiles, `${[...used].join(' and ')} both have a lock file: ${locks.join(', ')}`, `${folderOf(path)}${locks[1] ?? ''}`)] : []
}

function licenseFindings(tree: Tree, path: string, manifest: Readonly<Record<string, unknown>>): FindingDraft[] {
  const isPublic = manifest['private'] !== true && typeof manifest['name'] === 'string' && typeof manifest['version'] === 'string' && ['publishConfig', 'files', 'exports', 'main', 'bin'].some((field) => field in manifest)
  if (!isPublic || 'license' in manifest || 'licenses' in manifest) return []
  const places = new Set([folderOf(path), ''])
  if (tree.paths.some((other) => places.has(folderOf(other)) && /^(?:licen[cs]e|copying|unlicense)(?:[.-].*)?$/i.test(baseName(other)))) return []
  return [finding(licenseMissing, `${String(manifest['name'])} can be published and has no licence`, path)]
}

function engineFindings(tree: Tree, manifest: Readonly<Record<string, unknown>>): FindingDraft[] {
  const engines = manifest['engines']
  const isSaid = (isObject(engines) && ['node', 'bun', 'vscode'].some((name) => name in engines)) || 'devEngines' in manifest || 'volta' in manifest || ['.nvmrc', '.node-version', '.tool-versions', 'mise.toml', '.mise.toml'].some(tree.has)
  return isSaid ? [] : [finding(enginesMissing, 'asks for no version of Node', 'package.json')]
}
