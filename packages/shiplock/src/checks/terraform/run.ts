import { posix } from 'node:path'
import { count, type Confidence, type FindingDraft, type Location } from '@shiplock/findings'
import type { CheckContext, CheckOutcome } from '../check.ts'
import { andExcluded, filesSummary, unlessAllExcluded, withoutExcluded } from '../exclusion.ts'
import type { TerraformOptions } from './index.ts'
import { localSource } from './module.ts'
import { applications, moduleSources } from './modules.ts'
import { readFiles, type ReadFiles } from './read-files.ts'
import type { Problem, TerraformRule } from './rule.ts'
import { rules } from './rules.ts'
import { unreadable } from './rules/unreadable.ts'
import { locate, type Place, type SourceFile } from './source-file.ts'

export async function run(context: CheckContext<TerraformOptions>): Promise<CheckOutcome> {
  const { directory, exclude } = context.options
  const isConfiguration = (path: string) => /\.tf(?:\.json)?$/.test(path)
  const exclusion = withoutExcluded(context.files.paths, exclude)
  const { kept } = exclusion
  if (!kept.some((path) => !isDownloaded(path) && isConfiguration(path))) {
    // Told to look into a folder alone, it does not know what else there is.
    if (posix.normalize(directory) !== '.' && !exclusion.excluded.some(isConfiguration)) return { kind: 'skipped', reason: `${directory} has no Terraform` }
    // What is not there has no problem, and a repository need not have it: this is an answer, not a check that could not run.
    return unlessAllExcluded('terraform', { kept: [], excluded: exclusion.excluded.filter(isConfiguration) }) ?? { kind: 'completed', findings: [], summary: `no Terraform${andExcluded(exclusion)}` }
  }
  const { files, findings: unread } = await readCalled(context, kept)
  const findings = [...unread]
  const incomplete = new Set(findings.map(({ location }) => posix.dirname(location?.path ?? '')))
  const sources = moduleSources(files, incomplete)
  const found = new Findings()
  for (const { source, modules, hasGivenUp } of applications(sources)) {
    for (const module of modules) for (const rule of rules) for (const problem of rule.examine?.(module) ?? []) found.add(rule, problem, module.caller)
    if (hasGivenUp()) findings.push({ rule: unreadable.id, message: 'the modules ask for more than is computed, so not all of them were looked at', location: { path: source.files[0]?.path ?? source.directory } })
  }
  return { kind: 'completed', findings: [...findings, ...found.drafts()], summary: [filesSummary({ ...exclusion, kept: files.map(({ path }) => path) }, 'no files'), count(sources.size, 'module'), ...unjudged(files)].join(', ') }
}

/** What `terraform init` has put there is somebody else's: a module of the registry or of another repository. */
const isDownloaded = (path: string) => /(?:^|\/)\.terraform\//.test(path)

/** Our own files, and of those below `.terraform` what ours call by its path: no download is called so. */
async function readCalled(context: CheckContext<TerraformOptions>, paths: readonly string[]): Promise<ReadFiles> {
  let read = await readFiles(context, paths.filter((path) => !isDownloaded(path)), 'own')
  const byFolder = Map.groupBy(paths.filter(isDownloaded), (path) => posix.dirname(path))
  for (let added: readonly SourceFile[] = read.files; byFolder.size > 0 && added.length > 0; ) {
    const folders = new Set(added.flatMap(({ path, body }) => body.blocks.flatMap((block) => localSource(posix.dirname(path), block) ?? [])))
    const called = [...folders].flatMap((folder) => byFolder.get(folder) ?? [])
    for (const folder of folders) byFolder.delete(folder)
    const more = await readFiles(context, called, `called by ${[...folders].toSorted().join(' ')}`)
    read = { files: [...read.files, ...more.files], findings: [...read.findings, ...more.findings] }
    added = more.files
  }
  return read
}

/** The rules are about Google Cloud. Those that only help, such as `random_id`, are nobody's cloud. */
const known = /^(?:google|terraform|null|random|time|local|tls|archive|external|cloudinit)(?:_|$)/
const mostProviders = 5

/** What no rule looked at is no pass, and is said. */
function unjudged(files: readonly SourceFile[]): string[] {
  const others = files.flatMap(({ body }) => body.blocks).flatMap(({ type, labels: [kind = ''] }) => (type === 'resource' && !known.test(kind) ? [kind.split('_', 1)[0] ?? ''] : []))
  if (others.length === 0) return []
  const providers = [...new Set(others)].toSorted()
  const named = providers.length > mostProviders ? `${providers.slice(0, mostProviders).join(', ')} and ${providers.length - mostProviders} more` : providers.join(', ')
  return [`${count(others.length, 'resource')} of other providers not judged (${named})`]
}

interface Found {
  readonly draft: FindingDraft
  readonly related: Map<string, Location>
  isAssumed: boolean
}

const maxRelated = 5

/** A module that is called three times has its problems once, with every caller that is part of it. */
class Findings {
  readonly #found = new Map<string, Found>()

  add(rule: TerraformRule, problem: Problem, caller: Place | undefined): void {
    const location = locate(problem.place)
    const key = JSON.stringify([rule.id, location, problem.message])
    const isAssumed = problem.isAssumed === true
    const found = this.#found.get(key) ?? { draft: draftOf(rule, problem, location), related: new Map<string, Location>(), isAssumed }
    // One caller who says it is enough to be sure.
    found.isAssumed &&= isAssumed
    const origin = problem.origin ?? caller
    if (origin) {
      const place = locate(origin)
      found.related.set(JSON.stringify(place), place)
    }
    this.#found.set(key, found)
  }

  drafts(): FindingDraft[] {
    return [...this.#found.values()].map(({ draft, related, isAssumed }) => ({
      ...draft,
      ...(related.size > 0 && { related: [...related.values()].slice(0, maxRelated) }),
      ...(isAssumed && draft.confidence === 'high' && { confidence: 'medium' as Confidence }),
    }))
  }
}

function draftOf(rule: TerraformRule, { message, severity, secret, place }: Problem, location: Location): FindingDraft {
  const snippet = secret === undefined ? undefined : place.file.text.split(/\r?\n/).slice((location.startLine ?? 1) - 1, location.endLine).join('\n').replaceAll(secret, '***')
  return { rule: rule.id, message, location, confidence: rule.confidence, ...(severity && { severity }), ...(snippet !== undefined && { snippet: masked(snippet, secret ?? '') }) }
}

/** Where an escape or a second line keeps the secret from being found as it is, nothing of the line is shown after `=`. */
const masked = (snippet: string, secret: string) => (snippet.includes('***') ? snippet : snippet.replace(/=[\s\S]*$/, `= ${secret === '' ? '' : '***'}`))
