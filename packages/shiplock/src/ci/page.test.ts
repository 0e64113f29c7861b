import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { CiFacts } from './facts.ts'
import { workflowsOf } from './files.ts'

const page = readFileSync(new URL('../../../../docs/ci.md', import.meta.url), 'utf8')

/** A repository that has everything that a workflow can be made for. */
const everything: CiFacts = {
  service: 'todo', treeChecks: ['sast', 'tests'], branch: 'main', runner: 'ubuntu-24.04', command: 'shiplock', install: '0.1.0', allowedEndpoints: [],
  google: { provider: 'projects/1/locations/global/workloadIdentityPools/github/providers/github' },
  environments: [{ name: 'staging', account: 'a@b.iam.gserviceaccount.com' }, { name: 'production', account: 'a@b.iam.gserviceaccount.com' }],
  preview: 'p@b.iam.gserviceaccount.com', terraform: { directory: 'terraform/envs', planners: { production: 'r@b.iam.gserviceaccount.com' } },
  packages: ['packages/one'], hasService: true, hasImageLock: true,
}

test('docs/ci.md names every workflow, every job of the delivery and every variable that they read', () => {
  const workflows = workflowsOf(everything)
  const names = [
    ...workflows.map(({ path }) => path.split('/').at(-1) ?? ''),
    ...workflows.filter(({ path }) => path.endsWith('/ci-cd.yml')).flatMap(({ jobs }) => Object.keys(jobs)),
    ...new Set([...JSON.stringify(workflows).matchAll(/vars\.(\w+)/g)].map(([, name]) => name ?? '')),
  ]
  expect(names.length).toBeGreaterThan(10)
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})

test('every job that runs code of the repository installs its packages, and no job that only plans or cleans up does', () => {
  const [delivery] = workflowsOf(everything)
  const installing = Object.entries(delivery?.jobs ?? {}).filter(([, job]) => 'steps' in job && job.steps.some((step) => 'uses' in step && step.with?.['packages'] === true)).map(([id]) => id)
  expect(installing).toEqual(['check', 'verdict', 'preview', 'staging', 'production'])
})
