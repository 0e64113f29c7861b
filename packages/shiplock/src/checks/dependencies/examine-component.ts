import type { Component } from '@shiplock/advisories'
import type { FindingDraft, Rule } from '@shiplock/findings'
import type { DependenciesOptions } from './index.ts'
import { isAllowedLicence } from './licences.ts'
import { coreModuleName } from './rules/core-module-name.ts'
import { deprecated } from './rules/deprecated.ts'
import { httpSource } from './rules/http-source.ts'
import { installScript } from './rules/install-script.ts'
import { licence } from './rules/licence.ts'
import { missingIntegrity } from './rules/missing-integrity.ts'
import { nonRegistrySource } from './rules/non-registry-source.ts'

/** Modules of Node without a package of that name that anybody means; `events` or `buffer` are such packages. */
const coreModules = new Set(['fs', 'http', 'https', 'http2', 'net', 'tls', 'dns', 'os', 'child_process', 'cluster', 'crypto', 'v8', 'worker_threads', 'async_hooks', 'perf_hooks', 'dgram', 'inspector'])

/** What the lock file itself says of a component. */
export function examineComponent(component: Component, lock: { readonly path: string; readonly keepsIntegrity: boolean }, options: DependenciesOptions): FindingDraft[] {
  const { name, version, source } = component
  const findings: FindingDraft[] = []
  const report = (rule: Rule, message: string) => findings.push({ rule: rule.id, message, location: { path: lock.path, startLine: component.line }, purl: component.purl, ...pathDetail(component) })
  const from = withoutCredentials(component.resolved ?? '')
  if (source === 'http') report(httpSource, `${name}@${version} is fetched without TLS from ${from}`)
  if (source === 'git' || source === 'https') report(nonRegistrySource, `${name} comes from ${from === '' ? `a ${source} address` : from} and not from a registry`)
  if (lock.keepsIntegrity && component.integrity === undefined && source !== 'git' && source !== 'file') report(missingIntegrity, `${name}@${version} has no integrity, so that whatever is served is installed`)
  if (component.hasInstallScript && !options.allowScripts.includes(name)) report(installScript, `${name}@${version} runs a script when it is installed`)
  if (component.deprecated !== undefined) report(deprecated, `${name}@${version} is deprecated: ${component.deprecated}`)
  if (options.licences.length > 0 && component.licence !== undefined && !isAllowedLicence(component.licence, options.licences)) report(licence, `${name}@${version} is licensed under ${component.licence}`)
  if (coreModules.has(name)) report(coreModuleName, `${name}@${version} is no part of Node, though it has the name of a module of Node`)
  return findings
}

export const pathDetail = ({ path, isDev }: Component) => ({ detail: `${path.length === 0 ? 'nothing in the lock file asks for it' : path.join(' > ')}${isDev ? ' (development only)' : ''}` })

const withoutCredentials = (url: string) => url.replace(/\/\/[^/@\s]*@/, '//')
