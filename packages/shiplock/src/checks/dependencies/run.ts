import { strengthOf, type Component } from '@shiplock/advisories'
import { count, type FindingDraft } from '@shiplock/findings'
import type { CheckContext, CheckOutcome } from '../check.ts'
import { unlessAllExcluded } from '../exclusion.ts'
import { advisoriesFor } from './advisory-data.ts'
import { examineComponent } from './examine-component.ts'
import { examineKnown } from './examine-known.ts'
import { examineRegistries, namedHosts } from './examine-registries.ts'
import { examineUnlockedKnown, findUnlocked, lineOf } from './examine-unlocked.ts'
import check, { type DependenciesOptions } from './index.ts'
import { licenceOf } from './installed-licences.ts'
import { hasPolicy } from './licences.ts'
import { readLocks, type Lock } from './read-locks.ts'
import { licenceUnknown } from './rules/licence-unknown.ts'
import { outOfStep } from './rules/out-of-step.ts'
import { weakIntegrity } from './rules/weak-integrity.ts'

export async function run(context: CheckContext<DependenciesOptions>): Promise<CheckOutcome> {
  const { options } = context
  const read = await readLocks(context, options)
  const findings: FindingDraft[] = [...read.findings]
  const nothing = unlessAllExcluded('dependencies', read.exclusion)
  if (nothing) return nothing
  const { unlocked, findings: ofUnlocked } = findUnlocked(read, options)
  findings.push(...ofUnlocked)
  const hosts = await namedHosts(context, options)
  const installed: { readonly component: Component; readonly lock: Lock }[] = []
  for (const lock of read.locks) {
    const components = lock.components.filter(({ isDev }) => options.dev || !isDev)
    findings.push(...stepFindings(lock, read.texts), ...weakFindings(lock, components))
    findings.push(...examineRegistries({ path: lock.path, components }, hosts, options))
    const unknown: Component[] = []
    for (const component of components) {
      const licence = hasPolicy(options) ? await licenceOf(component, lock.folder, context) : undefined
      if (hasPolicy(options) && licence === undefined) unknown.push(component)
      findings.push(...examineComponent(licence === undefined ? component : { ...component, licence }, lock, options))
      installed.push({ component, lock })
    }
    findings.push(...unknownFindings(lock, unknown))
  }
  const named = installed.filter(({ component }) => component.source !== 'git' && component.source !== 'file')
  const asked = unlocked.filter(({ component }) => component.source === 'registry')
  if (named.length + asked.length === 0) return { kind: 'completed', findings: oncePerPackage(findings), summary: installed.length === 0 ? 'nothing is installed' : `${count(installed.length, 'package')}, none with a name that advisories know` }
  const data = await advisoriesFor([...named, ...asked].map(({ component }) => component), options.maxAgeDays, context)
  if (!data.ok) {
    const detail = findings.map(({ rule, message }) => `${rule}: ${message}`).join('\n')
    // Without advisories a verdict may be provisional; not where something was found that needs none.
    const weighty = findings.filter(({ rule, severity = severityOf(rule) }) => severity !== 'low').length
    if (weighty > 0) return { kind: 'failed', failure: { ...data.failure, reason: 'tool-failed', message: `${count(weighty, 'finding')} that need no advisories, and ${data.failure.message}`, detail: `found without advisories:\n${detail}`.slice(0, 16_000) } }
    return { kind: 'failed', failure: { ...data.failure, ...(detail !== '' && { detail: `found without advisories:\n${detail}`.slice(0, 16_000) }) } }
  }
  const of = (name: string) => data.value.advisories.get(name) ?? []
  for (const { component, lock } of named) findings.push(...examineKnown(component, of(component.name), lock.path))
  for (const it of asked) findings.push(...examineUnlockedKnown(it, of(it.component.name)))
  const packages = new Set([...installed, ...unlocked].map(({ component }) => `${component.name}@${component.version}`)).size
  return { kind: 'completed', findings: oncePerPackage(findings), summary: `${count(packages, 'package')}; advisories of ${data.value.origin}` }
}

const severityOf = (id: string) => check.rules.find((rule) => rule.id === id)?.severity

/** A package that is installed in several places is one problem. */
function oncePerPackage(findings: readonly FindingDraft[]): FindingDraft[] {
  const first = new Map<string, FindingDraft>()
  for (const finding of findings) {
    const key = JSON.stringify([finding.rule, finding.message, finding.location?.path])
    const known = first.get(key)
    first.set(key, known && finding.location ? { ...known, related: [...(known.related ?? []), finding.location] } : (known ?? finding))
  }
  return [...first.values()]
}

function stepFindings({ path, folder, outOfStep: found }: Lock, texts: ReadonlyMap<string, string>): FindingDraft[] {
  return found.map(({ workspace, name, range, locked }) => {
    const manifest = [folder, workspace, 'package.json'].filter((part) => part !== '').join('/')
    const message = range === '' ? `${path} has ${name} (${locked}), which ${manifest} no longer asks for` : locked === undefined ? `${manifest} asks for ${name} (${range}), which ${path} does not have` : `${manifest} asks for ${name} ${range}, and ${path} was made for ${locked}`
    const startLine = lineOf(texts.get(manifest) ?? '', name)
    return { rule: outOfStep.id, message, location: { path: manifest, ...(startLine > 0 && { startLine }) } }
  })
}

/** One finding for a lock file: an old one has hundreds. */
function weakFindings({ path }: Lock, components: readonly Component[]): FindingDraft[] {
  const weak = components.filter(({ integrity }) => integrity !== undefined && strengthOf(integrity) === 'weak')
  return weak[0] === undefined ? [] : [{ rule: weakIntegrity.id, message: `${path} holds SHA-1 or MD5 alone of ${namesOf(weak)}`, location: { path, startLine: weak[0].line } }]
}

function unknownFindings({ path }: Lock, unknown: readonly Component[]): FindingDraft[] {
  return unknown[0] === undefined ? [] : [{ rule: licenceUnknown.id, message: `${path} does not tell the licence of ${namesOf(unknown)}, and no node_modules here does`, location: { path, startLine: unknown[0].line } }]
}

const mostNames = 5

/** `a@1.0.0, b@2.0.0 and 30 others`. */
function namesOf(components: readonly Component[]): string {
  const names = [...new Set(components.map(({ name, version }) => `${name}@${version}`))].toSorted()
  const shown = names.slice(0, mostNames).join(', ')
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} others` : shown
}
