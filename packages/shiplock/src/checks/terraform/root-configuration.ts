import type { Module } from './module.ts'
import type { Place } from './source-file.ts'
import type { View } from './view.ts'

export interface RootConfiguration {
  /** The `terraform` blocks. */
  readonly settings: readonly View[]
  /** The providers that it configures. */
  readonly providers: readonly string[]
  /** Where something is said to be missing: the first `terraform` block, else the first provider. */
  readonly place: Place
}

/**
 * What is applied by itself: nobody calls it and it configures a provider or a backend. A module that is meant to be
 * called has neither (Terraform, "Providers Within Modules"), and then nobody knows what its caller says.
 */
export function rootConfigurations(module: Module): RootConfiguration | undefined {
  if (!module.isRoot || !module.source.isWhole) return undefined
  const settings = module.blocks('terraform')
  const providers = module.blocks('provider')
  const hasBackend = settings.some((view) => view.blocks('backend').length > 0 || view.blocks('cloud').length > 0)
  const [first] = [...settings, ...providers]
  if (!first || (providers.length === 0 && !hasBackend)) return undefined
  return { settings, providers: [...new Set(providers.map(({ block }) => block.labels[0] ?? ''))], place: first.place }
}
