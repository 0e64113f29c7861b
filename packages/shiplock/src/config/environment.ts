import { fail, ok, type Result } from '@shiplock/findings'
import type { Config } from './config.ts'

/** The environment that is meant where none is named. */
export const production = 'production'

/** The config as an environment has it: what it says of Cloud Run in place of what production has. Fails where the config names no such one. */
export function inEnvironment(config: Config, name: string): Result<Config, { readonly message: string; readonly hint: string }> {
  const cloud = config.targets['cloud-run']
  if (cloud === null) return fail({ message: `there is no environment ${JSON.stringify(name.slice(0, 40))}: the config names no target cloud-run`, hint: "targets: { 'cloud-run': { … } } in the config" })
  if (name === production) return ok(config)
  const environment = Object.hasOwn(cloud.environments, name) ? cloud.environments[name] : undefined
  if (!environment) return fail({ message: `the config names no environment ${JSON.stringify(name.slice(0, 40))}`, hint: `it has ${[...Object.keys(cloud.environments), production].join(', ')}` })
  const said = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined))
  return ok({ ...config, targets: { ...config.targets, 'cloud-run': { ...cloud, ...said } } })
}
