import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { createCheckRig, type RigRun } from '../../testing/check-fixtures.ts'
import terraform from './index.ts'
import { rules } from './rules.ts'

type Files = Readonly<Record<string, string>>

async function run(files: Files, { links = {}, ...options }: RigRun & { readonly links?: Files } = {}) {
  await using rig = await createCheckRig(undefined, { packages: false })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(rig.root, path)), { recursive: true })
    writeFileSync(join(rig.root, path), text)
  }
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(rig.root, path))
  const result = await rig.run(terraform, options)
  if (result.outcome.kind !== 'completed') throw new Error(result.text)
  return { ...result, findings: result.outcome.findings, places: result.outcome.findings.map(({ location, rule, confidence }) => `${location?.path ?? ''}:${location?.startLine ?? ''} ${rule.slice('terraform/'.length)} ${confidence}`) }
}

const grant = (role: string) => `resource "google_project_iam_member" "m" {\n  role = ${role}\n}\n`

const page = readFileSync(join(import.meta.dirname, 'terraform.md'), 'utf8')
const examples = page.split(/^## terraform\//m).slice(1).flatMap((section) => {
  const id = section.slice(0, section.indexOf('\n'))
  return [...section.matchAll(/^```hcl (bad|good)\n([\s\S]*?)^```/gm)].map(([, kind = '', text = '']) => ({ id, kind, text }))
})

test.for(examples.map((example) => [`${example.kind} example of ${example.id}`, example] as const))('the page has a %s that is one', async ([, { id, kind, text }]) => {
  const { findings } = await run({ 'main.tf': text })
  expect(findings.some(({ rule }) => rule === `terraform/${id}`)).toBe(kind === 'bad')
  // A good example is good by every rule.
  if (kind === 'good') expect(findings).toEqual([])
})

test('every rule names who recommends it, on the page too', () => {
  for (const { id, recommendation } of rules) {
    expect(recommendation).not.toBe('')
    if (id !== 'terraform/unreadable') expect(page).toContain(`Recommended by: ${recommendation}`)
  }
  expect(examples.filter(({ kind }) => kind === 'bad')).toHaveLength(rules.length - 1)
})

test('says how many resources of other clouds no rule has judged', async () => {
  const bucket = 'resource "aws_s3_bucket" "b" {\n  acl = "public-read"\n}\n'
  const other = 'resource "azurerm_storage_account" "a" {}\nresource "random_id" "r" {}\nresource "google_project_service" "run" {}\ndata "aws_caller_identity" "me" {}\n'
  expect((await run({ 'main.tf': bucket })).summary).toBe('1 file, 1 module, 1 resource of other providers not judged (aws)')
  expect((await run({ 'main.tf': bucket, 'other/main.tf': other })).summary).toBe('2 files, 2 modules, 2 resources of other providers not judged (aws, azurerm)')
  expect((await run({ 'main.tf': 'resource "google_project_service" "run" {}\n' })).summary).toBe('1 file, 1 module')
})

test('what is not known never counts', async () => {
  const { findings } = await run({
    'main.tf': `
variable "role" {}
variable "flags" {
  type = object({ ssl_mode = optional(string, "ENCRYPTED_ONLY"), ipv4_enabled = optional(bool, false) })
  default = {}
}
${grant('var.role')}
resource "google_project_iam_member" "n" {
  for_each = toset(data.x.y.roles)
  role     = each.value
}
resource "google_sql_database_instance" "main" {
  database_version    = var.version
  deletion_protection = var.is_production ? true : var.other
  settings {
    tier = "db-f1-micro"
    ip_configuration {
      ipv4_enabled = lookup(var.flags, "ipv4_enabled", true)
      ssl_mode     = var.flags.ssl_mode
    }
    dynamic "backup_configuration" {
      for_each = var.backups
      content {
        enabled = false
      }
    }
  }
}
resource "google_storage_bucket" "b" {
  count                       = var.n
  uniform_bucket_level_access = local.none
  public_access_prevention    = module.x.y
  dynamic "versioning" {
    for_each = [1]
    content {
      enabled = var.on
    }
  }
}
`,
  })
  expect(findings.map(({ rule }) => rule)).toEqual([])
})

test.for<[string, string]>([
  ['a local', 'local.role'],
  ['a local of a local', 'local.indirect'],
  ['a template', '"roles/${local.word}"'],
  ['a condition', '1 < 2 ? "roles/editor" : "roles/run.admin"'],
  ['a function', 'format("roles/%s", lower("EDITOR"))'],
  ['an element of a map', 'local.roles["a"]'],
  ['an element of a list', 'concat(["roles/run.admin"], ["roles/editor"])[1]'],
  ['a loop', '[for r in ["editor"] : "roles/${r}"][0]'],
  ['a merge', 'merge({ a = "x" }, local.roles).a'],
  ['a heredoc', 'trimspace(<<-EOT\n    roles/editor\n  EOT\n  )'],
])('%s that is constant is worked out', async ([, role]) => {
  const { places } = await run({ 'main.tf': grant(role), 'locals.tf': 'locals {\n  role = "roles/editor"\n  indirect = local.role\n  word = "editor"\n  roles = { a = "roles/editor" }\n}\n' })
  expect(places).toEqual(['main.tf:2 basic-role high'])
})

test('a string that says true is true', async () => {
  expect((await run({ 'main.tf': 'resource "google_container_cluster" "c" {\n  enable_legacy_abac = "true"\n  enable_autopilot = "true"\n  private_cluster_config {\n    enable_private_nodes = "true"\n  }\n}\n' })).places).toEqual(['main.tf:2 gke-legacy-abac high'])
})

test('a policy is judged by what it is put on, as data or as JSON', async () => {
  const policy = (name: string) => `data "google_iam_policy" "${name}" {\n  binding {\n    role    = "roles/run.invoker"\n    members = ["allUsers"]\n  }\n}\n`
  const { places } = await run({
    'main.tf': `${policy('open')}${policy('unused')}resource "google_cloud_run_service_iam_policy" "p" {
  policy_data = data.google_iam_policy.open.policy_data
}
resource "google_kms_crypto_key_iam_policy" "k" {
  policy_data = jsonencode({
    bindings = [{
      role    = "roles/owner"
      members = ["user:a@b.example", "allUsers"]
    }]
  })
}
`,
  })
  expect(places).toEqual(['main.tf:4 run-public high', 'main.tf:19 basic-role high', 'main.tf:20 kms-public high'])
})

test.for<[string, string | undefined]>([
  ["assertion.repository_owner_id == '1234567'", undefined],
  ["assertion.sub.startsWith('repo:shop/')", undefined],
  ["assertion.sub == 'repo:shop/todo:ref:refs/heads/main'", undefined],
  ["attribute.repository == 'shop/todo'", undefined],
  ["assertion.ref == 'refs/heads/main'", 'takes tokens of every repository: its attribute_condition does not look at whose it is'],
  ["assertion.sub.startsWith('repo:shop')", 'takes tokens of everyone whose name starts with shop: there is no `/` after it'],
])('the condition %s of a provider for GitHub', async ([condition, wrong]) => {
  const { findings } = await run({ 'main.tf': `resource "google_iam_workload_identity_pool_provider" "p" {\n  attribute_condition = "${condition}"\n  oidc {\n    issuer_uri = "https://token.actions.githubusercontent.com"\n  }\n}\n` })
  expect(findings.map(({ message }) => message)).toEqual(wrong === undefined ? [] : [`google_iam_workload_identity_pool_provider.p ${wrong}`])
})

test('what comes from a default is less sure, and shows where that is', async () => {
  const { findings, places } = await run({ 'main.tf': `${grant('var.role')}variable "role" {\n  default = "roles/editor"\n}\n` })
  expect(places).toEqual(['main.tf:2 basic-role medium'])
  expect(findings[0]?.related).toMatchObject([{ path: 'main.tf', startLine: 5 }])
})

test('files of values replace defaults, and each other one is tried', async () => {
  const variable = 'variable "role" {\n  default = "roles/run.admin"\n}\n'
  expect((await run({ 'main.tf': grant('var.role') + variable, 'terraform.tfvars': 'role = "roles/editor"\n' })).places).toEqual(['main.tf:2 basic-role high'])
  expect((await run({ 'main.tf': grant('var.role') + variable, 'terraform.tfvars': 'role = "roles/editor"\n', 'x.auto.tfvars.json': '{ "role": "roles/run.viewer" }' })).places).toEqual([])
  expect((await run({ 'main.tf': grant('var.role') + variable, 'dev.tfvars': 'role = "roles/run.viewer"\n', 'prod.tfvars': 'role = "roles/owner"\n' })).places).toEqual(['main.tf:2 basic-role high'])
})

test('a module is judged by what each of its callers gives it', async () => {
  const child = `${grant('var.role')}variable "role" {\n  default = "roles/editor"\n}\n`
  const call = (name: string, role: string) => `module "${name}" {\n  source = "./modules/grant"\n${role}}\n`
  const { findings, places } = await run({ 'modules/grant/main.tf': child, 'main.tf': call('a', '  role = "roles/run.admin"\n') + call('b', '  role = "roles/owner"\n') + call('c', '') })
  expect(places).toEqual(['modules/grant/main.tf:2 basic-role high', 'modules/grant/main.tf:2 basic-role high'])
  expect(findings.map(({ message, related }) => [message, related?.[0]?.path, related?.[0]?.startLine])).toEqual([
    ['google_project_iam_member.m gives roles/editor', 'modules/grant/main.tf', 5],
    ['google_project_iam_member.m gives roles/owner', 'main.tf', 7],
  ])
  expect((await run({ 'modules/grant/main.tf': child, 'main.tf': call('a', '  role = "roles/run.admin"\n') })).places).toEqual([])
})

test('what terraform init has downloaded is not ours; what our own files call by its path is, wherever it is', async () => {
  const hidden = { '.terraform/modules/net/main.tf': grant('"roles/owner"'), '.terraform/deep/main.tf': grant('"roles/editor"') }
  const call = (source: string) => ({ 'main.tf': `module "m" {\n  source = "${source}"\n}\n` })
  expect((await run({ ...hidden, ...call('terraform-google-modules/network/google') })).places.filter((place) => place.includes('basic-role'))).toEqual([])
  expect((await run({ ...hidden, '.terraform/modules/net/more.tf': call('../../deep')['main.tf'], ...call('./.terraform/modules/net') })).places.filter((place) => place.includes('basic-role'))).toEqual(['.terraform/deep/main.tf:2 basic-role high', '.terraform/modules/net/main.tf:2 basic-role high'])
})

test('what is made by for_each and dynamic is looked at one by one, where it is written', async () => {
  const { findings } = await run({
    'main.tf': `
resource "google_project_iam_member" "m" {
  for_each = toset([
    "roles/run.admin",
    "roles/editor",
  ])
  role = each.key
}
resource "google_sql_database_instance" "main" {
  settings {
    ip_configuration {
      ipv4_enabled = false
      ssl_mode     = "ENCRYPTED_ONLY"
      dynamic "authorized_networks" {
        for_each = { office = "10.0.0.0/8", all = "0.0.0.0/0" }
        iterator = network
        content {
          value = network.value
        }
      }
    }
    backup_configuration {
      enabled = true
    }
  }
}
resource "google_service_account_key" "none" {
  count = 0
}
`,
  })
  expect(findings.map(({ message, related }) => [message, related?.[0]?.startLine])).toEqual([
    ['google_project_iam_member.m gives roles/editor', 5],
    ['google_sql_database_instance.main authorizes 0.0.0.0/0', 15],
  ])
})

test('an override cannot hide a resource, nor what it sets', async () => {
  const main = 'resource "google_project_iam_member" "m" {\n  role = "roles/run.admin"\n  member = "allUsers"\n}\n'
  const { places } = await run({ 'main.tf': main, 'x_override.tf': '\n\nresource "google_project_iam_member" "m" {\n  role = "roles/owner"\n}\n' })
  expect(places).toEqual(['main.tf:3 public-iam high', 'x_override.tf:4 basic-role high'])
})

test('JSON is read as HCL is', async () => {
  const { places } = await run({
    'main.tf.json': JSON.stringify({
      resource: {
        google_sql_database_instance: { main: { settings: [{ tier: 'db-f1-micro', ip_configuration: { ipv4_enabled: false, ssl_mode: 'ENCRYPTED_ONLY', authorized_networks: [{ value: '10.0.0.0/8' }, { value: '${local.all}' }] }, backup_configuration: { enabled: true } }] } },
        google_project_iam_member: { m: { 'for_each': '${toset(["roles/owner"])}', 'role': '${each.key}', '//': 'a comment' } },
      },
      locals: { all: '0.0.0.0/0' },
    }, undefined, 2),
  })
  expect(places).toEqual(['main.tf.json:16 sql-open-network high', 'main.tf.json:30 basic-role high'])
})

test('a link to a file of the repository is read as that file, one that leads out or in a circle is said', async () => {
  const { places } = await run(
    { 'shared/roles.tf': grant('var.role'), 'a/variables.tf': 'variable "role" {\n  default = "roles/owner"\n}\n' },
    { links: { 'a/roles.tf': '../shared/roles.tf', 'a/circle.tf': 'circle.tf', 'a/out.tf': '../../../etc/passwd' } },
  )
  expect(places).toEqual(['a/circle.tf: unreadable high', 'a/out.tf: unreadable high', 'a/roles.tf:2 basic-role medium'])
})

test('what is missing is not said of a module whose files could not all be read', async () => {
  const provider = 'provider "google" {}\n'
  expect((await run({ 'a/main.tf': provider })).places).toEqual(['a/main.tf:1 local-state medium', 'a/main.tf:1 provider-version high', 'a/main.tf:1 required-version high'])
  expect((await run({ 'a/main.tf': provider, 'a/broken.tf': 'terraform {\n' })).places).toEqual(['a/broken.tf:1 unparsable high'])
})

test('a secret is in no finding, and not in the line that is shown', async () => {
  const secret = 'S3cr3t-"q"-\\n'
  const { text } = await run({
    'main.tf': `
variable "api_key" { default = ${JSON.stringify(secret)} }
resource "google_sql_user" "u" {
  password = "hunter2-hunter2"
}
resource "google_sql_user" "v" {
  password = <<-EOT
    hunter2-hunter2
  EOT
}
resource "google_sql_user" "w" {
  password = local.password
}
locals {
  password = "hunter2-hunter2"
}
resource "google_secret_manager_secret_version" "s" {
  secret_data = ${JSON.stringify(secret)}
}
resource "google_cloud_run_v2_service" "r" {
  template {
    service_account = var.account
    containers {
      env {
        name  = "DB_PASS"
        value = "hunter2-${'\\u0068'}unter2"
      }
    }
  }
}
`,
  })
  expect(text).toContain('sql-plain-password')
  expect(text).toContain('run-plain-secret')
  expect(text).not.toMatch(/unter2|S3cr3t/)
})

test('modules in a circle, locals that double and modules that call one another without end are ended', async () => {
  const doubling = `locals {\n  x0 = ["a"]\n${Array.from({ length: 60 }, (_, n) => `  x${n + 1} = [local.x${n}, local.x${n}]\n  t${n + 1} = "\${local.t${n}}\${local.t${n}}"\n`).join('')}  t0 = "ab"\n  self = local.self\n}\n`
  const { places } = await run({
    'circle/a/main.tf': 'module "b" {\n  source = "../b"\n}\n' + grant('"roles/owner"'),
    'circle/b/main.tf': 'module "a" {\n  source = "../a"\n}\n',
    'doubling/main.tf': doubling + grant('flatten(local.x60)[0]') + 'resource "google_storage_bucket_iam_member" "x" {\n  role = local.t60\n  member = local.self\n}\n',
    ...Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`wide/${n}/main.tf`, `module "a" {\n  source = "../${n + 1}"\n}\nmodule "b" {\n  source = "../${n + 1}"\n}\n`])),
    'wide/20/main.tf': grant('"roles/owner"'),
  })
  expect(places).toEqual(['circle/a/main.tf:5 basic-role high', 'wide/0/main.tf: unreadable high', 'wide/20/main.tf:2 basic-role high'])
})

test('a file of nothing but errors is said in our own words and costs no seconds', async () => {
  const { findings } = await run({ 'a/nul.tf': '\0'.repeat(500_000), 'b/deep.tf': `?\nx = ${'!'.repeat(60_000)}\n`, 'c/main.tf': grant('"roles/owner"') })
  expect(findings.map(({ location, rule }) => [location?.path, rule])).toEqual([['a/nul.tf', 'terraform/unparsable'], ['b/deep.tf', 'terraform/unparsable'], ['c/main.tf', 'terraform/basic-role']])
})

test('with remembered files the findings are those without', async () => {
  const entries = new Map<string, string>()
  const store = { get: (key: string) => entries.get(key), set: (key: string, text: string) => void entries.set(key, text), hasArtifact: () => false }
  const files = { 'main.tf': grant('var.role'), 'variables.tf': 'variable "role" {\n  default = "roles/run.admin"\n}\n', 'broken.tf': 'x = \n' }
  for (const edit of [{}, { 'variables.tf': 'variable "role" {\n  default = "roles/owner"\n}\n' }, { 'broken.tf': 'x {}\n' }, { 'main.tf': '' }]) {
    Object.assign(files, edit)
    expect((await run(files, { store })).text).toBe((await run(files)).text)
  }
})
