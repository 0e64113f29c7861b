import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository
let programs: string
beforeEach(async () => {
  programs = mkdtempSync(join(tmpdir(), 'shiplock-story-programs-'))
  repository = await ScratchRepository.create({ 'shiplock.config.ts': config(), 'infra/main.tf': terraform })
})
afterEach(async () => {
  await repository.dispose()
  rmSync(programs, { recursive: true, force: true })
})

const config = (more = '') => `export default { checks: { trivy: {}, terraform: {}, lint: false, types: false, tests: false, dependencies: false, repository: false }${more} }\n`
const terraform = `resource "google_storage_bucket_iam_member" "everyone" {
  bucket = "exports"
  role   = "roles/storage.objectViewer"
  member = "allUsers"
}
`

/** A program on PATH that says a version, tells what it sees and prints a report. */
function install(name: string, report: unknown, version = '0.66.0'): void {
  writeFileSync(join(programs, `${name}.json`), JSON.stringify(report))
  writeFileSync(join(programs, name), `#!/bin/sh
case "$*" in
  --version | version) echo 'Version: ${version}' ;;
  *)
    find . -type f > '${programs}/seen'; echo looked >> '${programs}/runs'
    while [ $# -gt 0 ]; do [ "$1" = --report-path ] && out=$2; shift; done
    if [ -n "$out" ]; then exec > "$out"; fi
    cat '${programs}/${name}.json'
esac
`)
  chmodSync(join(programs, name), 0o755)
}

const misconfiguration = (id: string, startLine: number, message: string) => ({ Type: 'Terraform Security Check', ID: id, AVDID: `AVD-${id}`, Title: message, Message: message, Resolution: 'Mend it', Severity: 'HIGH', Status: 'FAIL', CauseMetadata: { StartLine: startLine, EndLine: startLine } })
const report = { SchemaVersion: 2, ArtifactName: '.', Results: [{ Target: 'infra/main.tf', Class: 'config', Misconfigurations: [misconfiguration('GCP-0001', 4, 'Bucket allows public access.'), misconfiguration('AZU-0042', 2, 'Only Trivy knows that.')] }] }

const check = (...args: string[]) => repository.shiplock(['check', '--format', 'json', ...args], { PATH: `${programs}:${process.env['PATH'] ?? ''}` })
const runs = () => readFileSync(join(programs, 'runs'), 'utf8').trim().split('\n').length

function findings(stdout: string): { rule: string; alsoFoundBy?: string[]; waiver?: object; message: string }[] {
  const record: { stages: { outcome?: { findings?: { rule: string; message: string }[] } }[] } = JSON.parse(stdout)
  return record.stages.flatMap(({ outcome }) => outcome?.findings ?? [])
}

test('what a joined program found beside ours is one finding, what it alone found refuses by its own gate', async () => {
  install('trivy', report)
  const { exitCode, stdout, stderr } = await check()
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 })
  expect(findings(stdout).filter(({ rule, alsoFoundBy }) => rule.startsWith('trivy/') || alsoFoundBy)).toMatchObject([{ rule: expect.stringMatching(/^terraform\/(?:bucket-public|public-iam)$/), alsoFoundBy: ['trivy/AVD-GCP-0001'] }, { rule: 'trivy/AVD-AZU-0042' }])
  const record: { verdict: { gates: { check: string; decision: string }[] } } = JSON.parse(stdout)
  expect(record.verdict.gates.filter(({ decision }) => decision === 'refuse').map(({ check: id }) => id)).toEqual(['terraform', 'trivy'])
  const pretty = await repository.shiplock(['check'], { PATH: `${programs}:${process.env['PATH'] ?? ''}` })
  expect(pretty.stdout).toContain('also found by trivy/AVD-GCP-0001')
})

test('where the program is not there nothing is decided, and the config is what asked for it', async () => {
  const { exitCode, stdout } = await check()
  expect(exitCode).not.toBe(0)
  expect(stdout).toContain('the config asks for trivy, and trivy is not on PATH')
  repository.write('shiplock.config.ts', config().replace('trivy: {}, ', ''))
  expect((await check()).stdout).not.toContain('trivy')
})

test('a waiver names a rule of the program, and explain knows it', async () => {
  install('trivy', report)
  expect(await repository.shiplock(['waive', 'trivy/AVD-AZU-0042', 'infra/**', '--reason', 'no Azure here', '--owner', 'ann', '--expires', '30'])).toMatchObject({ exitCode: 0 })
  const { stdout } = await check()
  expect(findings(stdout).find(({ rule }) => rule === 'trivy/AVD-AZU-0042')).toMatchObject({ waiver: { reason: 'no Azure here' } })
  expect(findings(stdout).filter(({ rule }) => rule === 'policy/unused-waiver')).toEqual([])
  // Where nobody looked it is not known to cover nothing.
  rmSync(join(programs, 'trivy'))
  expect(findings((await check()).stdout).filter(({ rule }) => rule === 'policy/unused-waiver')).toEqual([])
  const explained = await repository.shiplock(['explain', 'trivy/AVD-AZU-0042'])
  expect(explained).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('shiplock-ignore trivy/AVD-AZU-0042 -- ') })
  expect(await repository.shiplock(['waive', 'nobody/AVD-AZU-0042', 'infra/**', '--reason', 'x', '--owner', 'ann', '--expires', '30'])).toMatchObject({ exitCode: 2 })
})

test('a pull request cannot silence the program: its ignore file is not shown, its ignore comment is reported', async () => {
  install('trivy', report)
  repository.git('switch', '--quiet', '--create', 'silence')
  repository.write('.trivyignore', 'AVD-AZU-0042\n')
  repository.edit('infra/main.tf', (text) => text.replace('  bucket =', '  #trivy:ignore:AVD-GCP-0001\n  bucket ='))
  repository.write('shiplock.config.ts', config().replace('trivy: {}', "trivy: { exclude: ['infra/**'] }"))
  repository.commit('silence')
  const { exitCode, stdout } = await check('--since', 'main')
  expect(exitCode).toBe(1)
  expect(readFileSync(join(programs, 'seen'), 'utf8')).toContain('./infra/main.tf')
  expect(readFileSync(join(programs, 'seen'), 'utf8')).not.toContain('.trivyignore')
  expect(findings(stdout).map(({ rule, message }) => `${rule} ${message}`)).toEqual(expect.arrayContaining([expect.stringMatching(/^policy\/tool-comment-added .*trivy:ignore:AVD-GCP-0001/), expect.stringMatching(/^policy\/loosened .*checks\.trivy\.exclude/)]))
})

test('nothing changed is not looked at again, another version is', async () => {
  install('trivy', report)
  const offline = { TRIVY_SKIP_DB_UPDATE: 'true', PATH: `${programs}:${process.env['PATH'] ?? ''}` }
  for (let times = 0; times < 2; times += 1) await repository.shiplock(['check'], offline)
  expect(runs()).toBe(1)
  install('trivy', report, '0.67.0')
  await repository.shiplock(['check'], offline)
  expect(runs()).toBe(2)
})

/** Every file that a run leaves behind, as bytes. */
function* leftBehind(directory: string): Generator<[string, Buffer]> {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    if (statSync(path).isDirectory()) yield* leftBehind(path)
    else yield [path, readFileSync(path)]
  }
}

test('a secret that gitleaks finds, and that ours does not know, appears in no output, cache or report', async () => {
  const secret = 'blue-horse-seven-lamps'
  mkdirSync(join(repository.root, 'config'))
  repository.write('config/prod.ini', `[door]\ncombination = ${secret}\n`)
  repository.write('shiplock.config.ts', config().replace('trivy', 'gitleaks'))
  const text = `door has detected secret for file config/prod.ini: ${secret}`
  install('gitleaks', { version: '2.1.0', runs: [{ tool: { driver: { name: 'gitleaks' } }, results: [{ ruleId: 'door', message: { text }, locations: [{ physicalLocation: { artifactLocation: { uri: 'config/prod.ini' }, region: { startLine: 2, endLine: 2, startColumn: 15, endColumn: 36, snippet: { text: secret } } } }] }] }] }, '8.28.0')
  for (const format of ['pretty', 'json', 'sarif']) {
    const { exitCode, stdout, stderr } = await repository.shiplock(['check', '--format', format], { PATH: `${programs}:${process.env['PATH'] ?? ''}` })
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 })
    expect(stdout).toContain('gitleaks/door')
    const places = [['stdout', Buffer.from(stdout)], ['stderr', Buffer.from(stderr)], ...leftBehind(join(repository.root, '.shiplock'))] as [string, Buffer][]
    expect(places.filter(([, bytes]) => bytes.includes(secret)).map(([place]) => place)).toEqual([])
  }
})
