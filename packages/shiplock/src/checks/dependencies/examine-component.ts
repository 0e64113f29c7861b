import { isArchiveOf, strengthOf, type Component } from '@shiplock/advisories'
import type { FindingDraft, Rule } from '@shiplock/findings'
import type { DependenciesOptions } from './index.ts'
import { confusionOf } from './known-names.ts'
import { hasPolicy, isAllowedLicence } from './licences.ts'
import { confusableName } from './rules/confusable-name.ts'
import { coreModuleName } from './rules/core-module-name.ts'
import { deprecated } from './rules/deprecated.ts'
import { httpSource } from './rules/http-source.ts'
import { installScript } from './rules/install-script.ts'
import { licence } from './rules/licence.ts'
import { missingIntegrity } from './rules/missing-integrity.ts'
import { nonRegistrySource } from './rules/non-registry-source.ts'
import { otherArchive } from './rules/other-archive.ts'

/** Modules of Node without a package of that name that anybody means; `events` or `buffer` are such packages. */
const coreModules = new Set(['fs', 'http', 'https', 'http2', 'net', 'tls', 'dns', 'os', 'child_process', 'cluster', 'crypto', 'v8', 'worker_threads', 'async_hooks', 'perf_hooks', 'dgram', 'inspector'])

/** A git address with the commit that is meant, as each package manager writes it. */
const isCommit = /(?:[#/]|commit=)[\da-f]{7,64}(?:$|[?&#])/i

/** What the lock file itself says of a component. */
export function examineComponent(component: Component, lock: { readonly path: string; readonly keepsIntegrity: boolean }, options: DependenciesOptions): FindingDraft[] {
  const { name, version, source } = component
  const findings: FindingDraft[] = []
  const report = (rule: Rule, message: string) => findings.push({ rule: rule.id, message, location: { path: lock.path, startLine: component.line }, ...(component.purl !== '' && { purl: component.purl }), ...pathDetail(component) })
  const from = withoutCredentials(component.resolved ?? '')
  if (source === 'http') report(httpSource, `${name}@${version} is fetched without TLS from ${from}`)
  if (source === 'git' || source === 'https') report(nonRegistrySource, `${name} comes from ${from === '' ? `a ${source} address` : from} and not from a registry`)
  if (lock.keepsIntegrity && !(component.isBundled && component.integrity === undefined) && strengthOf(component.integrity ?? '') === undefined && source !== 'git' && source !== 'file') report(missingIntegrity, `${name}@${version} has ${component.integrity === undefined ? 'no integrity' : 'an integrity that is no hash'}, so that whatever is served is installed`)
  if (lock.keepsIntegrity && source === 'git' && !isCommit.test(component.resolved ?? '')) report(missingIntegrity, `${name} comes from ${from}, which names no commit, so that whatever is there is installed`)
  if (source === 'registry' && component.resolved !== undefined && !isArchiveOf(component.resolved, name, version)) report(otherArchive, `${name}@${version} is installed from ${from}, which is another package's archive`)
  if (component.askedAs !== undefined) report(otherArchive, `${name}@${version} is installed in the place of ${component.askedAs}, which no alias or override says`)
  if (component.hasInstallScript && !options.allowScripts.includes(name)) report(installScript, `${name}@${version} runs a script when it is installed`)
  if (component.deprecated !== undefined) report(deprecated, `${name}@${version} is deprecated: ${component.deprecated}`)
  if (hasPolicy(options) && component.licence !== undefined && !isAllowedLicence(component.licence, options)) report(licence, `${name}@${version} is licensed under ${component.licence}`)
  if (coreModules.has(name)) report(coreModuleName, `${name}@${version} is no part of Node, though it has the name of a module of Node`)
  const confusion = coreModules.has(name) || options.allowNames.includes(name) ? undefined : confusionOf(name)
  if (confusion) report(confusableName, `${name} ${confusion.how} ${confusion.name}`)
  return findings
}

export const pathDetail = ({ path, isDev }: Component) => ({ detail: `${path.length === 0 ? 'nothing in the lock file asks for it' : path.join(' > ')}${isDev ? ' (development only)' : ''}` })

const withoutCredentials = (url: string) => url.replace(/\/\/[^/@\s]*@/, '//')
