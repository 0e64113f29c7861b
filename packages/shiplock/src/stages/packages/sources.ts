import type { Component } from '@shiplock/advisories'
import type { StageFailure } from '@shiplock/findings'
import { refused, type ServiceLock } from './lock.ts'
import { percentDecoded } from './manifest.ts'

/**
 * What an image does not take, by name: a package without a hash could be anything, git runs programs and package managers
 * build what it brings, a file of the tree has no version, and a lock file that is out of step would be resolved anew.
 */
export function refuseSources({ name, lock, manager, manifests, service }: ServiceLock): StageFailure | undefined {
  const wanted = lock.components.filter(({ isDev }) => !isDev)
  const from = (sources: readonly Component['source'][]) => wanted.filter((it) => sources.includes(it.source))
  const [step] = lock.outOfStep
  if (step) return refused(`${name} is not of this package.json: ${step.name} is ${step.range || 'not'} asked for, and ${step.locked ?? 'not'} locked`, `run ${manager.replace('-classic', '')} install and commit the lock file`)
  const git = from(['git'])
  if (git.length > 0) return refused(`from git, which would run code on the way: ${namesOf(git)}`, 'publish it to a registry, or bundle the service and set image.dependencies to `none`')
  const strange = [...from(['http']).filter((it) => !isLoopback(it.resolved)), ...wanted.filter((it) => it.source === 'file')]
  if (strange.length > 0) return refused(`from a file, or from an address without TLS: ${namesOf(strange)}`, 'publish it to a registry, make it a workspace, or bundle the service')
  const bare = lock.keepsIntegrity ? wanted.filter(({ integrity, isBundled }) => integrity === undefined && !isBundled) : []
  if (bare.length > 0) return refused(`${name} has no hash of ${namesOf(bare)}`, 'a current version of the package manager writes them')
  for (const [folder, text] of manifests) {
    const found = strangeRange(text)
    if (found) return refused(`${folder === '' ? '' : `${folder}/`}package.json asks for ${found}, which is neither of a registry nor a workspace`, 'publish it to a registry, make it a workspace, or bundle the service')
  }
  if (!manifests.has(service)) return refused(`${name} does not speak of ${service}`)
  return undefined
}

const isLoopback = (address = '') => ['127.0.0.1', 'localhost', '[::1]'].includes(URL.parse(address)?.hostname ?? '')

/**
 * The first that production asks for by something that makes a package manager run programs or read elsewhere: git, `exec:`,
 * a file or a folder that is no workspace, a plugin's protocol.
 */
function strangeRange(manifest: string): string | undefined {
  const { dependencies, optionalDependencies }: Record<string, unknown> = JSON.parse(manifest)
  for (const [name, range] of [dependencies, optionalDependencies].flatMap((it) => Object.entries(it ?? {}))) if (typeof range !== 'string' || !ordinary.test(percentDecoded(range))) return `${name} (${String(range).slice(0, 100)})`
  return undefined
}

/** Ranges and tags, and the protocols that lead to a registry, to a workspace, or to a catalogue of such ranges. */
const ordinary = /^(?:$|[\w*^~<>=|. \-+]+$|(?:npm|workspace|catalog|patch|link|file|portal):(?!.*(?:git[+:@]|https?:|exec:)))/

const mostNames = 5

function namesOf(components: readonly Component[]): string {
  const names = [...new Set(components.map(({ name, version }) => `${name}@${version}`))].toSorted()
  return names.length > mostNames ? `${names.slice(0, mostNames).join(', ')} and ${names.length - mostNames} others` : names.join(', ')
}
