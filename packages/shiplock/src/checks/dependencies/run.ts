import { basename, dirname, matchesGlob } from 'node:path/posix'
import { lockFileNames, readLockFile, readManifest, type LockFile, type Manifest } from '@shiplock/advisories'
import type { FindingDraft } from '@shiplock/findings'
import type { CheckContext, CheckOutcome } from '../check.ts'
import { advisoriesFor } from './advisory-data.ts'
import { examineComponent } from './examine-component.ts'
import { examineKnown } from './examine-known.ts'
import check, { type DependenciesOptions } from './index.ts'
import { outOfStep } from './rules/out-of-step.ts'
import { unreadable } from './rules/unreadable.ts'

interface Lock extends LockFile {
  readonly path: string
}

export async function run(context: CheckContext<DependenciesOptions>): Promise<CheckOutcome> {
  const { files, options, signal } = context
  const paths = files.paths.filter((path) => !files.isLink(path) && !options.exclude.some((glob) => matchesGlob(path, glob)))
  const findings: FindingDraft[] = []
  const texts = new Map<string, string>()
  const manifests = new Map<string, Manifest>()
  for (const path of paths.filter((it) => basename(it) === 'package.json')) {
    const text = await files.text(path)
    texts.set(path, text)
    const manifest = readManifest(text)
    if (manifest.ok) manifests.set(folderOf(path), manifest.value)
    else findings.push({ rule: unreadable.id, message: `${path}: ${manifest.failure}`, location: { path, startLine: 1 } })
  }
  const locks: Lock[] = []
  const lockPaths = paths.filter((path) => (lockFileNames as readonly string[]).includes(basename(path)))
  for (const path of lockPaths) {
    const lock = await readLockFile(basename(path), await files.text(path), below(folderOf(path), manifests, lockPaths))
    if (lock.ok) locks.push({ ...lock.value, path })
    else findings.push({ rule: unreadable.id, message: `${path}: ${lock.failure}`, location: { path, startLine: 1 } })
  }
  if (lockPaths.length === 0) {
    const asking = [...manifests].find(([, { dependencies }]) => dependencies.size > 0)
    if (asking && findings.length === 0) return { kind: 'skipped', reason: `${asking[0] === '' ? '' : `${asking[0]}/`}package.json asks for packages and there is no lock file that says which` }
    return { kind: 'completed', findings, summary: 'nothing is installed' }
  }
  for (const lock of locks) findings.push(...stepFindings(lock, texts))
  const installed = locks.flatMap((lock) => lock.components.filter(({ isDev }) => options.dev || !isDev).map((component) => ({ component, lock })))
  for (const { component, lock } of installed) findings.push(...examineComponent(component, lock, options))
  const named = installed.filter(({ component }) => component.source !== 'git' && component.source !== 'file')
  if (named.length === 0) return { kind: 'completed', findings: oncePerPackage(findings), summary: `${count(installed.length, 'package')}, none with a name that advisories know` }
  const data = await advisoriesFor(named.map(({ component }) => component), options.maxAgeDays, signal)
  if (!data.ok) {
    const detail = findings.map(({ rule, message }) => `${rule}: ${message}`).join('\n')
    // Without advisories a verdict may be provisional; not where something was found that needs none.
    const weighty = findings.filter(({ rule, severity = severityOf(rule) }) => severity !== 'low').length
    if (weighty > 0) return { kind: 'failed', failure: { ...data.failure, reason: 'tool-failed', message: `${count(weighty, 'finding')} that need no advisories, and ${data.failure.message}`, detail: `found without advisories:\n${detail}`.slice(0, 16_000) } }
    return { kind: 'failed', failure: { ...data.failure, ...(detail !== '' && { detail: `found without advisories:\n${detail}`.slice(0, 16_000) }) } }
  }
  for (const { component, lock } of named) findings.push(...examineKnown(component, data.value.advisories.get(component.name) ?? [], lock.path))
  return { kind: 'completed', findings: oncePerPackage(findings), summary: `${count(new Set(installed.map(({ component }) => component.purl)).size, 'package')}; advisories of ${data.value.origin}` }
}

const severityOf = (id: string) => check.rules.find((rule) => rule.id === id)?.severity

const folderOf = (path: string) => (dirname(path) === '.' ? '' : dirname(path))

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

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`

/** The manifests in a folder and below it, by their folder relative to it; not those that a nearer lock file speaks of. */
function below(folder: string, manifests: ReadonlyMap<string, Manifest>, lockPaths: readonly string[]): Map<string, Manifest> {
  const prefix = folder === '' ? '' : `${folder}/`
  const nearer = lockPaths.map(folderOf).filter((it) => it !== folder && it.startsWith(prefix))
  const isBelow = (it: string) => (it === folder || it.startsWith(prefix)) && !nearer.some((other) => it === other || it.startsWith(`${other}/`))
  return new Map([...manifests].filter(([it]) => isBelow(it)).map(([it, manifest]) => [it === folder ? '' : it.slice(prefix.length), manifest]))
}

function stepFindings({ path, outOfStep: found }: Lock, texts: ReadonlyMap<string, string>): FindingDraft[] {
  return found.map(({ workspace, name, range, locked }) => {
    const manifest = [folderOf(path), workspace, 'package.json'].filter((part) => part !== '').join('/')
    const message = range === '' ? `${path} has ${name} (${locked}), which ${manifest} no longer asks for` : locked === undefined ? `${manifest} asks for ${name} (${range}), which ${path} does not have` : `${manifest} asks for ${name} ${range}, and ${path} was made for ${locked}`
    const startLine = lineOf(texts.get(manifest) ?? '', name)
    return { rule: outOfStep.id, message, location: { path: manifest, ...(startLine > 0 && { startLine }) } }
  })
}

const lineOf = (text: string, name: string) => text.split('\n').findIndex((line) => line.trimStart().startsWith(`${JSON.stringify(name)}:`)) + 1
