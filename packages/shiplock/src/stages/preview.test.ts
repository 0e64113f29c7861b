import { ok } from '@shiplock/findings'
import { expect, test } from 'vitest'
import { checks } from '../checks/registry.ts'
import { readConfig } from '../config/read-config.ts'
import type { Config } from '../config/config.ts'
import type { PipelineContext } from './context.ts'
import { previewPlan, previewServiceName } from './preview.ts'
import type { ReleaseTarget } from './release-stages.ts'

async function configOf(source: string): Promise<Config> {
  const config = await readConfig({ readFile: async (path) => (path === 'shiplock.config.ts' ? ok(Buffer.from(`export default ${source}`)) : undefined), checks })
  if (!config.ok) throw new Error(JSON.stringify(config.failure))
  return config.value.config
}

const settings = { serviceAccount: 'todo-preview@acme-shop.iam.gserviceaccount.com', isPublic: false, env: { DATABASE: 'sqlite:/tmp/preview' }, secrets: {}, expiresDays: 14 }
const target = { name: 'cloud-run', title: 'Cloud Run', project: 'acme-shop', location: 'europe-west1', canary: false, imageName: 'registry/todo', isShared: true, ingress: 'INGRESS_TRAFFIC_INTERNAL_ONLY', attester: { attestor: 'projects/p/attestors/a', key: 'gcpkms://k', environment: {} }, previews: settings, connect: () => Promise.reject(new Error('nothing is asked')) } satisfies ReleaseTarget
const planned = (config: Config, baseConfig?: Config) => {
  const plan = previewPlan({ config, policy: { ...(baseConfig && { baseConfig }) } } as PipelineContext, target, 42)
  if (!plan.ok) throw new Error(plan.failure.message)
  return plan.value
}

test('a preview is another service with an environment and a migrator of its own, and without the word of production’s attestor', async () => {
  const config = await configOf("{ service: { name: 'todo', env: { LOG: 'info', DATABASE: 'mysql://todo@db/todo' }, migrate: { command: ['node', 'migrate.js'], serviceAccount: 'migrator@acme-shop.iam.gserviceaccount.com' } } }")
  const { context, target: shown, preview } = planned(config)
  expect(context.config.service).toMatchObject({ name: 'todo-preview', env: { LOG: 'info', DATABASE: 'sqlite:/tmp/preview', SHIPLOCK_PREVIEW: '42' }, migrate: { serviceAccount: settings.serviceAccount } })
  expect([shown.attester, shown.ingress, preview.production, preview.productionEnv]).toEqual([undefined, undefined, 'todo', { LOG: 'info', DATABASE: 'mysql://todo@db/todo' }])
})

test('what it is kept apart from is the service of the merge base, however the change calls its own', async () => {
  const base = await configOf("{ service: { name: 'todo', env: { DATABASE: 'mysql://todo@db/todo' } } }")
  const { context, preview } = planned(await configOf("{ service: { name: 'other', env: { NEW: '1' } } }"), base)
  expect([context.config.service.name, preview.production, preview.productionEnv]).toEqual(['todo-preview', 'todo', { DATABASE: 'mysql://todo@db/todo' }])
  expect(context.config.service.env).toMatchObject({ NEW: '1' })
})

test('its name leaves room for the tag, and two services that begin the same do not share one', () => {
  const long = (end: string) => `a-service-with-a-name-that-is-as-long-as-${end}`
  const names = [long('one'), long('two')].map(previewServiceName)
  expect(new Set(names).size).toBe(2)
  for (const name of names) expect(`${name}pr-999999`.length).toBeLessThanOrEqual(46)
  expect(previewServiceName('todo')).toBe('todo-preview')
})
