import { targetNames } from './target-names.ts'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { confidences, severities, vexJustifications, vexStatuses } from '@shiplock/findings'
import { checks } from '../checks/registry.ts'
import { reportFailure } from './report-failure.ts'
import { reportFormats, type ReportFormat } from './report-format.ts'
import { version } from './version.ts'

/** Parses the command line and runs a command; its exit code is in `process.exitCode`. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  const program = commands()
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
    else process.exitCode = reportFailure(error)
  }
}

const reportFiles = 'report.html, report.sarif, junit.xml, run.json and, where a vulnerability is waived, vex.openvex.json'

const imageReportText = 'reports of Trivy or Grype on the same image, separated by commas: what they found counts as well'

const list = (value: string, previous: readonly string[] = []) => [...previous, ...value.split(',').filter((id) => id !== '')]

function commands(): Command {
  const program = new Command('shiplock')
    .description('One typed pipeline from a commit to a running, observed, defended service on Cloud Run.')
    .version(version, '-V, --version')
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText('after', examples('shiplock run            check, build, deploy to the local target, probe, promote', 'shiplock check          the tree checks alone', 'shiplock down           end the local target'))

  common(program.command('run').description('Take the tree to a probed, serving revision: on the local target, or in the cloud.'), reportFormats)
    .option('--only <ids>', 'only these checks, separated by commas; the gate stays shut on the others', list)
    .option('--skip <ids>', 'not these checks, separated by commas; the gate stays shut on them', list)
    .addOption(targetOption())
    .addOption(environmentOption())
    .option('--port <number>', 'port of the local target on 127.0.0.1 (default: targets.local.port)', parsePort)
    .option('--since <ref>', sinceText)
    .option('--image-report <files>', imageReportText, list)
    .option('--preview <number>', previewText, parsePullRequest)
    .option('--foreground', 'stay until Ctrl-C, then end the local target')
    .option('--no-cache', 'run every stage, replay none')
    .option('--report <dir>', `write ${reportFiles} there (default: .shiplock/report)`)
    .option('--untrusted', 'run no code of the repository that cannot be confined')
    .addHelpText('after', examples('shiplock run', 'shiplock run --port 9090', 'shiplock run --target cloud-run', 'shiplock run --preview 42', 'shiplock run --format json | jq .verdict.decision'))
    .action(async (options) => finish((await import('./run-command.ts')).runCommand(options)))

  reporting(common(program.command('check').description('Run the checks of the tree.').argument('[path...]', 'show only findings in these files or folders'), reportFormats))
    .option('--all', 'also those that run code of the repository for long: tests')
    .option('--fix', 'mend what can be mended with certainty, in the working tree, and check again')
    .option('--staged', 'show only findings in what is staged, and refuse only for those')
    .option('--watch', 'check again whenever a file changes, until Ctrl-C')
    .option('--history', historyText)
    .option('--only <ids>', 'only these checks, separated by commas', list)
    .option('--skip <ids>', 'not these checks, separated by commas', list)
    .option('--no-cache', 'run every check, replay none')
    .option('--report <dir>', `write ${reportFiles} there`)
    .option('--untrusted', 'run no code of the repository that cannot be confined')
    .addHelpText('after', examples('shiplock check', 'shiplock check src/ --only lint', 'shiplock check --all', 'shiplock check --fix', 'shiplock check --staged', 'shiplock check --watch', 'shiplock check --since origin/main', 'shiplock check --history', 'shiplock check --severity-level high --confidence-level medium'))
    .action(async (paths, options) => finish((await import('./check-command.ts')).checkCommand(paths, options)))

  for (const { id, title, subject, readsHistory, mend, hasEdits } of checks) {
    if (subject !== 'tree') continue
    const command = reporting(common(program.command(id).description(`${title}: this check alone.`).argument('[path...]', 'show only findings in these files or folders'), reportFormats))
      .option('--no-cache', 'run it, do not replay it')
      .option('--report <dir>', `write ${reportFiles} there`)
      .option('--untrusted', 'run no code of the repository that cannot be confined')
      .addHelpText('after', examples(`shiplock ${id}`, ...(examplePaths[id] === undefined ? [] : [`shiplock ${id} ${examplePaths[id]}`]), ...(mend || hasEdits ? [`shiplock ${id} --fix`] : []), ...(readsHistory ? [`shiplock ${id} --history`, `shiplock ${id} --history --since origin/main`] : [])))
      .action(async (paths, options) => finish((await import('./check-command.ts')).checkCommand(paths, { ...options, only: [id] })))
    if (mend || hasEdits) command.option('--fix', 'mend what can be mended with certainty, in the working tree, and check again')
    if (readsHistory) command.option('--history', historyText)
  }

  common(program.command('baseline').description('Accept what the checks of the tree find now: write shiplock.baseline.json, and forget what is gone from it.'))
    .option('--all', 'also the checks that run code of the repository for long: tests')
    .option('--only <ids>', 'only these checks, separated by commas; entries of others stay as they are', list)
    .option('--skip <ids>', 'not these checks, separated by commas; their entries stay as they are', list)
    .option('--no-cache', 'run every check, replay none')
    .option('--untrusted', 'run no code of the repository that cannot be confined')
    .addHelpText('after', `\nWhat is in the baseline is reported and does not refuse, unless \`gates.<check>.newOnly\` is false. Secrets are taken in by --only alone.\n${examples('shiplock baseline', 'shiplock baseline --only lint --verbose')}`)
    .action(async (options) => finish((await import('./baseline-command.ts')).baselineCommand(options)))
  common(program.command('waive').description('Add a waiver to shiplock.waivers.yaml.').argument('<rule>', 'the rule, as findings name it').argument('<path-or-purl>', 'a file, a glob, `.` for what is about no file, or a component as pkg:npm/name@version'))
    .requiredOption('--reason <text>', 'why it is acceptable')
    .option('--owner <name>', 'who answers for it (default: the user that git knows)')
    .option('--expires <date>', 'the last day, YYYY-MM-DD, or a number of days; at most 180 days ahead', '90')
    .option('--advisory <id>', 'the one flaw of the component that is meant: CVE-…, GHSA-… or any other of its names')
    .addOption(new Option('--vex-status <status>', 'what others are told of it by OpenVEX (default: affected, and accepted for your reason)').choices(vexStatuses))
    .addOption(new Option('--vex-justification <word>', 'why it is not_affected').choices(vexJustifications))
    .option('--fingerprint <fingerprint>', 'only the finding with this fingerprint')
    .addHelpText('after', examples("shiplock waive lint/error src/legacy.js --reason 'replaced in March'", "shiplock waive dependencies/vulnerable pkg:npm/lodash@4.17.20 --advisory CVE-2021-23337 --reason 'templates are never made of what users send' --expires 30"))
    .action(async (rule, target, options) => finish((await import('./waive-command.ts')).waiveCommand(rule, target, options)))

  const image = program.command('image').description('The image of the service, or any other: build it, say what is in it, scan it, sign it.')
  common(image.command('build').description('Put the image together, reproducibly, and with Docker only by --dockerfile. No check runs.'))
    .option('--output <dir>', 'also write it there, as an OCI layout')
    .option('--push <reference>', 'also push it to a registry, with what refers to it')
    .option('--platform <list>', 'for these machines, separated by commas: linux/amd64, linux/arm64 (default: as this machine); several are joined by an index')
    .option('--dockerfile <path>', 'have Docker or Buildah build this Dockerfile instead, from image.context')
    .option('--update', 'ask Debian for newer packages first, write shiplock.image.lock, and say which CVEs their changelogs name')
    .option('--check-reproducible', 'build it twice and compare')
    .option('--no-cache', 'run every stage, replay none')
    .option('--untrusted', 'run no code of the repository that cannot be confined')
    .addHelpText('after', examples('shiplock image build', 'shiplock image build --update', 'shiplock image build --check-reproducible', 'shiplock image build --dockerfile Dockerfile', 'shiplock image build --push registry.example.com/team/todo:1.2.0', 'shiplock image build --output dist/image', 'shiplock image build --platform linux/amd64,linux/arm64 --push registry.example.com/team/todo:1.2.0'))
    .action(async (options) => finish((await import('./image-command.ts')).imageBuildCommand(options)))

  common(image.command('sbom').description('What is in an image, as CycloneDX or SPDX.').argument('[image]', imageText))
    .addOption(new Option('--sbom-format <name>', 'which document').choices(['cyclonedx', 'cyclonedx-1.7', 'spdx']).default('cyclonedx'))
    .option('--output <file>', 'write it there (default: standard output)')
    .addHelpText('after', examples('shiplock image sbom', 'shiplock image sbom registry.example.com/team/todo:1.2.0 --sbom-format spdx', 'shiplock image sbom saved.tar --output sbom.cdx.json'))
    .action(async (source, options) => finish((await import('./image-contents-command.ts')).imageSbomCommand(source, options)))
  common(image.command('scan').description('Hold what is in an image against known vulnerabilities.').argument('[image]', imageText), reportFormats)
    .option('--report <dir>', `write ${reportFiles} there`)
    .option('--image-report <files>', imageReportText, list)
    .option('--updates', "also ask Debian's archive for newer packages, and which CVE ids their changelogs name")
    .addHelpText('after', examples('shiplock image scan', 'shiplock image scan --updates', 'trivy image --input DIR --format json > trivy.json; shiplock image scan DIR --image-report trivy.json', 'shiplock image scan saved.tar --format sarif', 'shiplock image scan registry.example.com/team/todo:1.2.0'))
    .action(async (source, options) => finish((await import('./image-contents-command.ts')).imageScanCommand(source, options)))
  common(image.command('attest').description('State what is in an image, signed by this checkout’s key, and keep it beside the image. `shiplock run` states all the rest.').argument('[image]', imageText))
    .option('--push <reference>', 'also push what is stated to where the image is')
    .addHelpText('after', examples('shiplock image attest', 'shiplock image attest dist/image --push registry.example.com/team/todo'))
    .action(async (source, options) => finish((await import('./image-contents-command.ts')).imageAttestCommand(source, options)))
  onTarget(common(program.command('verify').description('Prove what is stated of an image, or of what a service runs: by whom it was signed, from which commit, what it was made of, what was decided. Fails closed.').argument('[image]', `${imageText}; or the name of the service, for what it runs now`)))
    .option('--trust <file>', 'the trust policy of a target (default: the one that SHIPLOCK_TRUST names; for the local target, the key of this checkout)')
    .addHelpText('after', examples('shiplock verify', 'shiplock verify todo            what the service todo runs, back to its commit', 'shiplock verify todo --target cloud-run', 'shiplock verify registry.example.com/team/todo@sha256:… --trust production.trust.json', 'shiplock verify --format json | jq .refused'))
    .action(async (source, options) => finish((await import('./verify-command.ts')).verifyCommand(source, options)))

  common(program.command('probe').description('What a stranger can see of a site: headers, cookies, errors, open paths, TLS. Sends GET and HEAD alone.').argument('<url>', 'the page, with its scheme'), reportFormats)
    .option('--report <dir>', `write ${reportFiles} there`)
    .option('--exit-zero', 'exit with 0 although the gate refuses; what could not be decided keeps its exit code')
    .addHelpText('after', `\nIts options are \`checks.probe\` of the config, and its gate is \`gates.probe\`. What writes (forms, TRACE) is tried on a candidate by \`shiplock run\` alone.\n${examples('shiplock probe http://127.0.0.1:8080/', 'shiplock probe https://example.com/ --format sarif', 'shiplock probe https://example.com/ --report probe-report')}`)
    .action(async (url, options) => finish((await import('./probe-command.ts')).probeCommand(url, options)))

  common(program.command('trust').description('Write the policy by which a target decides whose statements count: it is kept by the target, and named by SHIPLOCK_TRUST.'))
    .addOption(new Option('--target <name>', 'for which target').choices(['local', 'cloud-run']).default('cloud-run'))
    .option('--preview', 'for the previews of pull requests there, which are trusted apart')
    .option('--keyless <subject>', "trust a workload by the name in its certificate, in full: for GitHub Actions a workflow's file at a ref")
    .option('--issuer <url>', 'who vouches for the workload', 'https://token.actions.githubusercontent.com')
    .option('--repository-id <number>', "GitHub's number of the workload's repository, which another of the same name does not have")
    .option('--kms <key>', 'trust a key of Google Cloud KMS, by its name as in the config')
    .option('--renew <file>', "fetch Sigstore's trusted root anew for the policy in this file; nothing else in it changes")
    .option('--output <file>', 'write it there')
    .option('--tuf-mirror <url>', "a Sigstore of one's own: where its trusted root is published")
    .option('--tuf-root <file>', 'the root metadata that such a mirror is believed by')
    .addHelpText('after', examples('shiplock trust --keyless https://github.com/acme/todo/.github/workflows/ship.yml@refs/heads/main --repository-id 1001 --output ~/todo.trust.json', 'shiplock trust --kms gcpkms://projects/acme/locations/europe-west1/keyRings/ship/cryptoKeys/attest/cryptoKeyVersions/1', 'shiplock trust --renew ~/todo.trust.json'))
    .action(async (options) => finish((await import('./trust-command.ts')).trustCommand(options)))

  onTarget(common(program.command('rescan').description('What has become known of what runs, by the SBOMs that were signed when it was admitted: new vulnerabilities, lapsed waivers, runtimes that are no longer supported.')))
    .option('--issue', 'a report that is ready to be filed, as Markdown')
    .option('--max-age-days <number>', 'oldest advisory data that is believed', parseDays, 7)
    .addHelpText('after', examples('shiplock db update && shiplock rescan', 'shiplock rescan --target cloud-run', 'shiplock rescan --issue | gh issue create --title Rescan --body-file -'))
    .action(async (options) => finish((await import('./rescan-command.ts')).rescanCommand(options)))

  common(program.command('up').description('Start the local target: Cloud Run on loopback. Services come back as they were.'))
    .option('--port <number>', 'port on 127.0.0.1 (default: targets.local.port)', parsePort)
    .addHelpText('after', examples('shiplock up', 'shiplock up --port 9090'))
    .action(async (options) => finish((await import('./target-commands.ts')).upCommand(options)))
  onTarget(common(program.command('down').description('End the local target and everything on it; or remove previews, and nothing else.')))
    .option('--preview <number>', 'only the preview of this pull request', parsePullRequest)
    .option('--expired-previews', 'only the previews whose last day is over')
    .addHelpText('after', examples('shiplock down', 'shiplock down --preview 42 --target cloud-run', 'shiplock down --expired-previews --target cloud-run'))
    .action(async (options) => finish((await import('./target-commands.ts')).downCommand(options)))
  onTarget(common(program.command('deploy').description('Release an image that is there: admit it by what is signed of it, make it beside what serves, probe it, and give it traffic step by step. No check of the tree runs.').argument('[image]', imageText), reportFormats))
    .option('--preview <number>', previewText, parsePullRequest)
    .option('--hold', 'stop at 0%: shiplock promote goes on')
    .option('--report <dir>', `write ${reportFiles} there (default: .shiplock/report)`)
    .addHelpText('after', `\nExit codes: 0 released; 1 not admitted, or rolled back cleanly; 3 something could not be reached; 4 a rollback failed, a person is needed; 130 interrupted, and undone.\n${examples('shiplock deploy', 'shiplock deploy --hold && shiplock promote', 'shiplock deploy --target cloud-run', 'shiplock deploy registry.example.com/team/todo@sha256:… --preview 42 --target cloud-run')}`)
    .action(async (source, options) => finish((await import('./deploy-command.ts')).deployCommand(source, options)))
  onTarget(common(program.command('promote').description('Give the candidate that `shiplock deploy --hold` left at 0% the traffic, step by step.'), reportFormats))
    .option('--report <dir>', `write ${reportFiles} there (default: .shiplock/report)`)
    .addHelpText('after', examples('shiplock promote', 'shiplock promote --target cloud-run'))
    .action(async (options) => finish((await import('./deploy-command.ts')).promoteCommand(options)))
  onTarget(common(program.command('rollback').description('Give all traffic back to what served well before, by one write. Builds nothing and waits for nobody.').argument('[revision]', 'the revision (default: the one that served before what serves now)')))
    .addHelpText('after', `\nExit codes: 0 it serves; 3 there is nothing to go back to, or the target does not answer; 4 it was written and cannot be proven.\n${examples('shiplock rollback', 'shiplock rollback todo-3f1c09ab52', 'shiplock rollback --target cloud-run')}`)
    .action(async (revision, options) => finish((await import('./rollback-command.ts')).rollbackCommand(revision, options)))
  onTarget(common(program.command('status').description('What serves, what could serve again, what was changed by hand, and what is under way.')))
    .option('--previews', previewsText)
    .addHelpText('after', examples('shiplock status', 'shiplock status --format json', 'shiplock status --target cloud-run', 'shiplock status --previews'))
    .action(async (options) => finish((await import('./status-command.ts')).statusCommand(options)))
  onTarget(common(program.command('logs').description('What a revision said last.').argument('[revision]', 'the revision (default: the newest)')))
    .option('--previews', previewsText)
    .option('-n, --lines <number>', 'how many entries', parseCount, 100)
    .addHelpText('after', examples('shiplock logs', 'shiplock logs todo-3f1c09ab52 --lines 20', 'shiplock logs --format json | jq .jsonPayload'))
    .action(async (revision, options) => finish((await import('./logs-command.ts')).logsCommand(revision, options)))
  common(program.command('init').description('Bring Shiplock into a repository: what is here, what would be reported, and the files for it once they are wanted.'))
    .option('-y, --yes', 'write without asking')
    .option('--dry-run', 'show what would be written, and write nothing')
    .option('--hook', 'a pre-push hook of git as well, which checks before every push')
    .option('--undo', 'take back what was written, as far as nobody changed it since')
    .addHelpText('after', `\nNothing that is there is overwritten. Without --yes it asks, and where nobody can be asked it writes nothing.\n${examples('shiplock init', 'shiplock init --dry-run --format json', 'shiplock init --yes --hook', 'shiplock init --undo')}`)
    .action(async (options) => finish((await import('./init-command.ts')).initCommand(options)))
  const ci = program.command('ci').description('The workflows of GitHub Actions that follow from the config.')
  common(ci.command('generate').description('Write them: checks of pull requests, previews, release, nightly, Dependabot.'))
    .option('--force', 'also over files that something else wrote')
    .addHelpText('after', examples('shiplock ci generate', 'shiplock ci generate && git diff .github'))
    .action(async (options) => finish((await import('./ci-command.ts')).ciGenerateCommand(options)))
  common(ci.command('check').description('Whether they are what the config makes of them.'))
    .addHelpText('after', `\nExit codes: 0 they are; 1 one is not; 2 the config cannot be used.\n${examples('shiplock ci check', 'shiplock ci check --format json')}`)
    .action(async (options) => finish((await import('./ci-command.ts')).ciCheckCommand(options)))
  common(program.command('why').description('Why a stage ran and came out as it did, why a finding counts or not, why the verdict is what it is.').argument('<what>', 'verdict, a stage, or a finding by its rule, its place as path:line, or its fingerprint'))
    .option('--run <run>', 'a run.json, the id of a run, or how many runs ago it was', '0')
    .addHelpText('after', examples('shiplock why verdict', 'shiplock why sast', 'shiplock why src/server.ts:42', 'shiplock why lint/error --run report/run.json'))
    .action(async (what, options) => finish((await import('./why-command.ts')).whyCommand(what, options)))
  common(program.command('diff').description('What is different in the second of two runs, such as on a laptop and in CI.').argument('<run>', 'a run.json, the id of a run, or how many runs ago it was').argument('<run>', 'the same'))
    .addHelpText('after', examples('shiplock diff 1 0', 'shiplock diff .shiplock/report/run.json ~/Downloads/run.json', 'shiplock diff 3f1c09 a7b210 --format json'))
    .action(async (first, second, options) => finish((await import('./diff-command.ts')).diffCommand(first, second, options)))
  onTarget(common(program.command('doctor').description('What a run, or with --target cloud-run a release, needs and does not have, and for each line what mends it. Only looks.')))
    .addHelpText('after', `\nExit codes: 0 nothing is missing; 2 the config cannot be used; 3 something is missing or could not be looked at.\n${examples('shiplock doctor', 'shiplock doctor --target cloud-run', 'shiplock doctor --format json | jq \'.[] | select(.state != "good")\'')}`)
    .action(async (options) => finish((await import('./doctor-command.ts')).doctorCommand(options)))
  common(program.command('plan').description('What a run would do, as a document: subjects, stages, tools, one hash.'))
    .addHelpText('after', examples('shiplock plan', 'shiplock plan --format json'))
    .action(async (options) => finish((await import('./plan-command.ts')).planCommand(options)))
  program
    .command('db')
    .description('Advisory data.')
    .command('update')
    .description('Fetch what OSV knows of npm, Debian and Alpine, and Node of itself, into indexes in the cache of the user.')
    .option('--url <url>', 'a mirror of OSV\'s export of npm; those of Debian and Alpine lie beside it (default: SHIPLOCK_OSV_EXPORT, or OSV itself)')
    .addOption(new Option('--only <family...>', 'these alone').choices(['npm', 'Debian', 'Alpine', 'Node.js']))
    .addOption(new Option('--format <name>', 'how the result is printed').choices(['pretty', 'json']).default('pretty'))
    .addHelpText('after', examples('shiplock db update', 'shiplock db update --only npm Debian', 'shiplock db update --url https://mirror.example/npm/all.zip'))
    .action(async (options) => finish((await import('./db-command.ts')).dbUpdateCommand(options)))
  program
    .command('explain')
    .description('What a check or rule finds, why, and how to fix it.')
    .argument('<rule>', 'a check, a rule as findings name it, or policy')
    .addHelpText('after', examples('shiplock explain lint', 'shiplock explain probe/csrf-missing-token-accepted', 'shiplock explain policy/unused-waiver'))
    .action(async (rule) => finish((await import('./explain-command.ts')).explainCommand(rule)))
  return program
}

/** Files that a check may have findings in. */
const examplePaths: Readonly<Record<string, string>> = { dependencies: 'app/package-lock.json', dockerfile: 'app/Dockerfile', lint: 'src/', secrets: 'src/', terraform: 'infra/', types: 'src/', workflows: '.github/workflows/ci.yml' }

const imageText = 'an OCI layout, a tar of one or of `docker save`, or a reference to a registry (default: the image that was built last)'

const historyText = 'look for secrets in every commit too, or with --since in those of the change'

const previewsText = 'of the service of the previews, and not of the one that people use'

const previewText = 'as the preview of this pull request: on a service of its own, with its own identity, trust policy and database'

const sinceText = 'judge the change since its merge base with this branch or commit by the policy of the merge base (default in CI: the pull request\'s base)'

/** The option of the commands that go to a target. */
const onTarget = (command: Command): Command => command.addOption(targetOption()).addOption(environmentOption())

const environmentOption = () => new Option('--environment <name>', 'of Cloud Run: one of targets.cloud-run.environments (default: production)')

const targetOption = () => new Option('--target <name>', 'where').choices(targetNames).default('local')

/** Options of the commands that report findings. The levels are named as Bandit names them. */
function reporting(command: Command): Command {
  return command
    .option('--since <ref>', sinceText)
    .addOption(new Option('--severity-level <level>', 'report findings of this severity or worse; what refuses is `gates.<check>.failOn`, not this').choices(['all', ...severities]).default('all'))
    .addOption(new Option('--confidence-level <level>', 'report findings of this confidence or surer; what refuses is `gates.<check>.minConfidence`, not this').choices(['all', ...confidences]).default('all'))
    .option('-b, --baseline <file>', 'show only what this baseline, a file that `shiplock baseline` wrote, does not hold, and refuse only for that')
    .option('--exit-zero', 'exit with 0 although the gate refuses; what could not be decided keeps its exit code')
}

/** Options that every command has. */
function common(command: Command, formats: readonly ReportFormat[] = ['pretty', 'json']): Command {
  return command
    .option('--config <path>', 'the config file (default: shiplock.config.ts at the root)')
    .option('--cwd <dir>', 'the root; paths are then from there (default: the nearest folder upwards with a config, or the repository of git)')
    .addOption(new Option('--format <name>', 'how the result is printed').choices(formats).default('pretty'))
    .option('-q, --quiet', 'only the result, no progress')
    .option('-v, --verbose', 'more: all findings, and each stage as it starts')
}

async function finish(running: Promise<number>): Promise<void> {
  process.exitCode = await running
}

function parsePort(value: string): number {
  const port = Number(value)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError('A port is a whole number from 1 to 65535.')
  return port
}

function parsePullRequest(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError('A pull request is named by its number.')
  return Number(value)
}

function parseCount(value: string): number {
  const count = Number(value)
  if (!Number.isInteger(count) || count < 1 || count > 10_000) throw new InvalidArgumentError('A number of entries is from 1 to 10,000.')
  return count
}

function parseDays(value: string): number {
  const days = Number(value)
  if (!(days > 0)) throw new InvalidArgumentError('A number of days is more than 0.')
  return days
}

const examples = (...lines: string[]) => `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`
