import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCheckRig } from '../../testing/check-fixtures.ts'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import terraform from './index.ts'
import { isInternet } from './internet.ts'
import { rules } from './rules.ts'

async function examine(files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}) {
  await using rig = await createCheckRig(undefined, { packages: false })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(rig.root, path)), { recursive: true })
    writeFileSync(join(rig.root, path), text)
  }
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(rig.root, path))
  const { outcome, text } = await rig.run(terraform, {})
  if (outcome.kind !== 'completed') throw new Error(text)
  return outcome.findings
}
const rulesOf = async (text: string) => (await examine({ 'main.tf': text })).map(({ rule }) => rule.slice('terraform/'.length))

const member = (attributes: string) => `resource "google_project_iam_member" "m" {\n${attributes}\nmember = "user:a@b.test"\n}\n`
const readers = (members: string) => `resource "google_storage_bucket_iam_binding" "b" {\nbucket = "b"\nrole = "roles/storage.objectViewer"\nmembers = ${members}\n}\n`

describe('a basic role is found in', () => {
  const cases: Readonly<Record<string, string>> = {
    'a list that count goes through': `locals {\nroles = ["roles/owner"]\n}\n${member('count = length(local.roles)\nrole = local.roles[count.index]')}`,
    'element': member('count = 2\nrole = element(["roles/logging.viewer", "roles/owner"], count.index)'),
    'split': member('for_each = toset(split(",", "roles/owner,roles/logging.viewer"))\nrole = each.value'),
    'replace': member('role = replace("roles-owner", "-", "/")'),
    'zipmap': member('for_each = zipmap(["a"], ["roles/owner"])\nrole = each.value'),
    'setproduct': member('for_each = { for pair in setproduct(["roles/owner"], ["a", "b"]) : pair[1] => pair[0] }\nrole = each.value').replace('"a", "b"', '"a"'),
    'try': member('role = try("roles/owner", "roles/logging.viewer")'),
    'jsondecode': `locals {\ndata = jsondecode("{\\"role\\":\\"roles/owner\\"}")\n}\n${member('role = local.data.role')}`,
    'a text of joined parts': member('role = "roles/${lower("OWNER")}"'),
    'a policy as JSON': 'resource "google_project_iam_policy" "p" {\npolicy_data = <<EOT\n{"bindings":[{"role":"roles/owner","members":["user:a@b.test"]}]}\nEOT\n}\n',
    'a policy that is encoded': 'resource "google_project_iam_policy" "p" {\npolicy_data = jsonencode({ bindings = [{ role = "roles/owner", members = ["user:a@b.test"] }] })\n}\n',
    'blocks that are made': 'data "google_iam_policy" "p" {\ndynamic "binding" {\nfor_each = { "roles/owner" = ["user:a@b.test"] }\ncontent {\nrole = binding.key\nmembers = binding.value\n}\n}\n}\nresource "google_project_iam_policy" "p" {\npolicy_data = data.google_iam_policy.p.policy_data\n}\n',
  }
  test.for(Object.entries(cases))('%s', async ([, text]) => {
    expect(await rulesOf(text)).toEqual(['basic-role'])
  })

  test.for([
    ['a binding with nobody in it', 'resource "google_project_iam_binding" "b" {\nrole = "roles/editor"\nmembers = []\n}\n'],
    ['a pattern that is not run', member('role = replace("roles/-/owner", "/-/", "/")')],
    ['a product of more than is looked at', member(`role = setproduct(["roles/owner"], ${JSON.stringify(Array.from({ length: 40 }, String))}, ${JSON.stringify(Array.from({ length: 40 }, String))})[0][0]`)],
    ['a choice that nobody knows', `variable "x" {}\n${member('role = var.x ? "roles/owner" : "roles/logging.viewer"')}`],
    ['a policy that is no JSON', 'resource "google_project_iam_policy" "p" {\npolicy_data = "{"\n}\n'],
    ['an index beyond the list', member('role = ["roles/owner"][count.index]\ncount = 0')],
  ] as const)('but not in %s', async ([, text]) => {
    expect(await rulesOf(text)).toEqual([])
  })
})

test('a hidden folder hides nothing, but for what Terraform has downloaded itself', async () => {
  const role = member('role = "roles/owner"')
  const found = await examine({ '.infra/main.tf': role, 'a/.b/c/main.tf': role, 'a/.b/.c/main.tf': role, 'a/.terraform/modules/x/main.tf': role })
  expect(found.map(({ location }) => location?.path)).toEqual(['.infra/main.tf', 'a/.b/.c/main.tf', 'a/.b/c/main.tf'])
})

test.for([['toset(["allUsers"])'], ['compact(["", "allUsers"])'], ['[{ m = "allUsers" }][*].m'], ['values({ a = "allUsers" })'], ['[for m in ["allUsers"] : m]'], ['concat([], ["all${"Users"}"])']] as const)('everyone is found in %s', async ([members]) => {
  expect(await rulesOf(readers(members))).toEqual(['bucket-public'])
})

test('the internet in halves is the internet', async () => {
  const firewall = (ranges: string) => `resource "google_compute_firewall" "f" {\nname = "f"\nnetwork = "n"\nsource_ranges = ${ranges}\nallow {\nprotocol = "tcp"\nports = ["20-30"]\n}\n}\n`
  expect(await rulesOf(firewall('["0.0.0.0/1", "128.0.0.0/1"]'))).toEqual(['firewall-ssh'])
  expect(await rulesOf(firewall('["2000::/3"]'))).toEqual(['firewall-ssh'])
  expect(await rulesOf(firewall('["10.0.0.0/8", "fd00::/8"]'))).toEqual([])
})

test('a rule of a firewall policy is one of a firewall', async () => {
  const policy = (action: string) => `resource "google_compute_network_firewall_policy_rule" "f" {\naction = "${action}"\ndirection = "INGRESS"\nfirewall_policy = "p"\npriority = 1\nmatch {\nsrc_ip_ranges = ["0.0.0.0/0"]\nlayer4_configs {\nip_protocol = "tcp"\nports = ["22"]\n}\n}\n}\n`
  expect(await rulesOf(policy('allow'))).toEqual(['firewall-ssh'])
  expect(await rulesOf(policy('deny'))).toEqual([])
})

test('a service that asks nobody is as public as one that everyone may call', async () => {
  const service = (value: string) => `resource "google_cloud_run_v2_service" "s" {\nname = "s"\nlocation = "europe-west1"\ndeletion_protection = true\ningress = "INGRESS_TRAFFIC_INTERNAL_ONLY"\ninvoker_iam_disabled = ${value}\n}\n`
  expect(await rulesOf(service('true'))).toContain('run-public')
  expect(await rulesOf(service('false'))).not.toContain('run-public')
})

test('a link to values that are not committed is less than one that leads out', async () => {
  const of = async (target: string) => (await examine({ 'a/main.tf': '\n' }, { 'a/terraform.tfvars': target })).map(({ rule, severity }) => `${rule} ${severity}`)
  expect(await of('../common.auto.tfvars')).toEqual(['terraform/unreadable low'])
  expect(await of('../../../etc/passwd')).toEqual(['terraform/unreadable high'])
  expect(await of('/etc/passwd')).toEqual(['terraform/unreadable high'])
})

test.for([
  ['0.0.0.0/0', true], ['0.0.0.0', true], ['::/0', true], ['0::0/0', true], ['128.0.0.0/1', true], ['64.0.0.0/4', true], ['10.0.0.0/8', false], ['35.235.240.0/20', false], ['2000::/3', true], ['fd00::/8', false], ['10.0.0.1', false], ['', false], [0, false], ['0.0.0.0/99', false],
] as const)('%s is the internet: %s', ([range, expected]) => {
  expect(isInternet(range)).toBe(expected)
})

test('whatever is done to them, constants are worked out within bounds', { timeout: 30_000 }, async () => {
  const leaf = fc.constantFrom('"roles/owner"', '["a", "b"]', '{ a = "b" }', 'null', '1', 'true', '"a,b"', 'local.other', '"{\\"a\\":[1]}"')
  const { value } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof({ maxDepth: 5 }, leaf, fc.tuple(fc.constantFrom('split', 'replace', 'element', 'compact', 'zipmap', 'setproduct', 'try', 'jsondecode', 'jsonencode', 'concat', 'merge', 'flatten', 'lookup', 'format'), fc.array(tie('value'), { maxLength: 3 })).map(([name, args]) => `${name}(${args.join(', ')})`), tie('value').map((inner) => `(${inner})[*].a`), tie('value').map((inner) => `[for x in ${inner} : x]`)),
  }))
  await fc.assert(
    fc.asyncProperty(value, async (expression) => {
      const found = await rulesOf(`locals {\nother = ["x"]\nvalue = ${expression}\n}\n${member('role = local.value')}`)
      expect(found.filter((rule) => rule !== 'basic-role')).toEqual([])
    }),
    { numRuns: 60 },
  )
})

test.for([
  ['a product of products', `locals {\na = setproduct([1,2,3,4,5,6,7,8,9,10], [1,2,3,4,5,6,7,8,9,10], [1,2,3,4,5,6,7,8,9,10], [1,2,3,4,5,6,7,8,9,10])\n}\n${member('role = local.a')}`],
  ['a count beyond all bounds', member('count = 1e300\nrole = "roles/logging.viewer"')],
  ['a policy that is nested without end', `resource "google_project_iam_policy" "p" {\npolicy_data = "${'['.repeat(300_000)}${']'.repeat(300_000)}"\n}\n`],
  ['a text of separators', member(`for_each = toset(split(",", "${','.repeat(15_000)}"))\nrole = each.value`)],
  ['each line twice the one before', `locals {\nl0 = "xxxxxxxxxxxxxxxx"\n${Array.from({ length: 40 }, (_, index) => `l${index + 1} = replace(local.l${index}, "x", "xx")`).join('\n')}\n}\n${member('role = local.l40')}`],
] as const)('%s costs no more than a moment', { timeout: 10_000 }, async ([, text]) => {
  expect(await rulesOf(text)).toEqual([])
})

test('each number of the CIS benchmark is one that it has', () => {
  // The recommendations of version 3.0.0 that a configuration can be held against, by section.
  const sections: Readonly<Record<string, readonly number[]>> = { 1: [4, 5, 6, 7, 9, 10, 11, 17], 2: [1, 2, 3], 3: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 4: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 5: [1, 2], 6: [1, 2, 3, 4, 5, 6, 7], 7: [1, 2, 3], 8: [1] }
  const cited = rules.flatMap(({ id, recommendation }) => [...recommendation.matchAll(/CIS Google Cloud Platform Foundation Benchmark 3\.0\.0, ([\d., and to]+)/g)].flatMap(([, numbers = '']) => [...numbers.matchAll(/(\d+)\.(\d+)/g)].map(([, section = '', number = '']) => ({ id, section, number: Number(number) }))))
  expect(cited.length).toBeGreaterThan(30)
  expect(cited.filter(({ section, number }) => !sections[section]?.includes(number))).toEqual([])
  expect(rules.filter(({ recommendation }) => /CIS Google Cloud Platform[^;]*section/.test(recommendation))).toEqual([])
})
