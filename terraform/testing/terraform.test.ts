import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { GoogleSchema } from './google-schema.ts'
import { configurations, leftAlone, terraformRig, terraformRoot, terraformVersion, undestroyable } from './run-terraform.ts'

const version = terraformVersion()
if (version === undefined) process.stderr.write('SKIPPED: the tests of the Terraform modules, for there is no terraform on PATH\n')
const schema: GoogleSchema = JSON.parse(readFileSync(join(import.meta.dirname, 'google-schema.json'), 'utf8'))

describe.skipIf(version === undefined)("Terraform's own engine", () => {
  it('finds every file formatted as it formats them', async () => {
    await using rig = await terraformRig()
    expect(await rig.terraform('.', 'fmt', '-check', '-recursive', '-diff')).toEqual({ code: 0, output: '' })
  })

  it.each(configurations(terraformRoot))('accepts %s, and its tests pass', async (folder) => {
    await using rig = await terraformRig()
    for (const words of [['init', '-backend=false', '-no-color'], ['validate', '-no-color']]) {
      const run = await rig.terraform(folder, ...words)
      expect(run.code, run.output).toBe(0)
    }
    const tests = await rig.terraform(folder, 'test', '-no-color')
    expect(tests.code, tests.output).toBe(0)
    expect(tests.output).toMatch(/^Success! [1-9]\d* passed, 0 failed\.$/m)
  })

  it('refuses what the provider does not know, so that a pass means something', async () => {
    await using rig = await terraformRig()
    const path = join(rig.root, 'modules/service/main.tf')
    writeFileSync(path, readFileSync(path, 'utf8').replace('deletion_protection  = true', 'deletion_protected = true'))
    await rig.terraform('modules/service', 'init', '-backend=false', '-no-color')
    const run = await rig.terraform('modules/service', 'validate', '-no-color')
    expect(run.code).toBe(1)
    expect(run.output).toContain('An argument named "deletion_protected" is not expected here.')
  })
})

it('never destroys what would be missed for ever: data, the keys to it, the key that signs, the state', () => {
  expect(undestroyable(terraformRoot)).toEqual([
    'bootstrap/main.tf google_storage_bucket.state',
    'modules/admission/main.tf google_kms_crypto_key.decision',
    'modules/database/main.tf google_sql_database_instance.this',
    'modules/environment/main.tf google_kms_crypto_key.data',
  ])
})

it('leaves alone what the pipeline writes: the image, the revision and who gets the traffic', () => {
  const left = leftAlone(terraformRoot)
  expect(left.find((it) => it.startsWith('modules/service/main.tf google_cloud_run_v2_service.this '))).toMatch(/\btemplate\[0\]\.containers\[0\]\.image, template\[0\]\.revision, traffic\b/)
  expect(left.find((it) => it.startsWith('modules/service/main.tf google_cloud_run_v2_job.migrate '))).toMatch(/\bcontainers\[0\]\.image\b/)
})

describe('the tests of the modules', () => {
  const tests = globSync('**/*.tftest.hcl', { cwd: terraformRoot }).map((path) => readFileSync(join(terraformRoot, path), 'utf8'))
  const count = (pattern: RegExp): number => tests.reduce((sum, text) => sum + text.matchAll(pattern).toArray().length, 0)

  it('hold at least 120 assertions, and refuse at least 40 bad inputs', () => {
    expect(count(/^\s*assert \{/gm)).toBeGreaterThanOrEqual(120)
    expect(count(/^\s*expect_failures = /gm)).toBeGreaterThanOrEqual(40)
  })

  it('are there for every module and environment', () => {
    for (const folder of configurations(terraformRoot)) expect(globSync(`${folder}/tests/*.tftest.hcl`, { cwd: terraformRoot }), folder).not.toEqual([])
  })
})

describe('the committed schema', () => {
  it('describes every resource that the modules use, and no other', () => {
    const used = { resource: new Set<string>(), data: new Set<string>() }
    for (const path of globSync('**/*.tf', { cwd: terraformRoot }))
      for (const [, kind, name] of readFileSync(join(terraformRoot, path), 'utf8').matchAll(/^(resource|data) "(google_\w+)"/gm)) used[kind as 'resource' | 'data'].add(name!)
    expect(Object.keys(schema.resources)).toEqual([...used.resource].toSorted())
    expect(Object.keys(schema.dataSources)).toEqual([...used.data].toSorted())
  })
})
