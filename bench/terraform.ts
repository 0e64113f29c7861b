/**
 * How much of the Terraform the tests hold: each argument of each resource is taken away, and what can be weakened is weakened, one at a time;
 * the module's own tests must notice. `node bench/terraform.ts [MODULE…]` writes bench/results/terraform.json. Several minutes.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configurations, leftAlone, terraformRig, undestroyable } from '../terraform/testing/run-terraform.ts'
import { writeResult } from './result.ts'

/** What is for people to read, or merely names a thing or says where it is: no test needs to hold it. */
const cosmetic = /^(account_id|name|display_name|description|title|mime_type|content|labels|user_labels|for_each|count|source|alias|depends_on|secret_id|bucket_id|slo_id|service_id|role_id|workload_identity_pool_provider_id|human_readable_name|project|location|region)$/

interface Mutant {
  readonly file: string
  readonly line: number
  readonly what: string
  readonly text: string
}

function mutantsOf(file: string, text: string): Mutant[] {
  const lines = text.split('\n')
  const mutants: Mutant[] = []
  let isResource = false
  for (const [index, line] of lines.entries()) {
    if (/^\w/.test(line)) isResource = line.startsWith('resource ')
    const [, indent, name, value] = /^(\s+)(\w+) *= (.+)$/.exec(line) ?? []
    if (!isResource || name === undefined || cosmetic.test(name) || /[[{(]$/.test(value!)) continue
    const put = (what: string, replacement: string | undefined): void => {
      const changed = replacement === undefined ? lines.toSpliced(index, 1) : lines.with(index, `${indent}${name} = ${replacement}`)
      mutants.push({ file, line: index + 1, what: `${what}: ${line.trim()}`, text: changed.join('\n') })
    }
    put('taken away', undefined)
    if (value === 'true' || value === 'false') put('turned', String(value !== 'true'))
    if (value!.startsWith('"roles/')) put('widened', '"roles/owner"')
    if (name === 'member' && value !== '"allUsers"') put('opened', '"allUsers"')
  }
  return mutants
}

const only = process.argv.slice(2)
const results: { folder: string; mutants: number; noticed: number; unnoticed: string[] }[] = []
await using rig = await terraformRig()
for (const folder of only.length > 0 ? only : configurations(rig.root).filter((name) => !name.startsWith('envs/'))) {
  const run = async (...words: string[]): Promise<boolean> => (await rig.terraform(folder, ...words, '-no-color')).code === 0
  if (!(await run('init', '-backend=false')) || !(await run('test'))) throw new Error(`the tests of ${folder} fail as it is`)
  // Two things are held by a test that reads the text, since Terraform's own tests cannot see them.
  const held = () => JSON.stringify([undestroyable(rig.root), leftAlone(rig.root)])
  const before = held()
  const result = { folder, mutants: 0, noticed: 0, unnoticed: [] as string[] }
  for (const file of globSync('*.tf', { cwd: join(rig.root, folder) })) {
    const path = join(rig.root, folder, file)
    const original = readFileSync(path, 'utf8')
    for (const mutant of mutantsOf(file, original)) {
      writeFileSync(path, mutant.text)
      result.mutants++
      if (held() === before && (await run('validate')) && (await run('test'))) result.unnoticed.push(`${mutant.file}:${mutant.line} ${mutant.what}`)
      else result.noticed++
      process.stderr.write(`\r${folder}: ${result.noticed} of ${result.mutants} noticed `)
    }
    writeFileSync(path, original)
  }
  process.stderr.write('\n')
  for (const missed of result.unnoticed) process.stderr.write(`  not noticed: ${missed}\n`)
  results.push(result)
}
const mutants = results.reduce((sum, { mutants }) => sum + mutants, 0)
const noticed = results.reduce((sum, { noticed }) => sum + noticed, 0)
process.stdout.write(`${noticed} of ${mutants} noticed, ${((100 * noticed) / mutants).toFixed(1)}% (must 90)\n`)
if (only.length === 0) writeResult('terraform', { figures: { mutants, noticed, share: noticed / mutants }, folders: results })
