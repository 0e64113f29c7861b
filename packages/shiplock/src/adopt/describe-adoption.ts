import { count, severities, type Finding } from '@shiplock/findings'
import type { Adoption } from './plan-adoption.ts'
import type { Detection } from './detect.ts'

export interface Told {
  readonly detection: Detection
  readonly adoption: Adoption
  /** How long the checks took just now. */
  readonly checksMs: number
  readonly isDirty: boolean
  readonly hasGit: boolean
}

const mostNamed = 4

/** What was found, what would be reported and what would be written: a line each, for a person. Names are as they are in the tree. */
export function describeAdoption({ detection, adoption, checksMs, isDirty, hasGit }: Told): string[] {
  return [
    ...section('Found', found(detection)),
    ...section('Would report', [...reported(adoption), ['time', `the checks took ${seconds(checksMs)} just now; tests, build, image and release were not run`]]),
    ...section('Carried over', carriedOver(adoption)),
    ...section('Not covered', notCovered(detection)),
    ...section('Would write', [...adoption.changes.map(({ path, kind, why }): Row => [kind === 'append' ? `${path} (adds to it)` : path, why]), ...adoption.kept.map((path): Row => [path, 'is there and stays as it is'])]),
    ...notes(detection, { isDirty, hasGit }),
  ]
}

type Row = readonly [string, string]

function section(title: string, rows: readonly Row[]): string[] {
  if (rows.length === 0) return []
  const widest = Math.max(...rows.map(([name]) => name.length))
  return [title, ...rows.map(([name, text]) => `  ${name.padEnd(widest)}  ${text}`), '']
}

const some = (names: readonly string[], most = mostNamed) => `${names.slice(0, most).join(', ')}${names.length > most ? ` and ${names.length - most} more` : ''}`

function found({ packageManager, packages, workspaces, services, testRunners, linters, dockerfiles, terraform, workflows, scanners, languages }: Detection): Row[] {
  const [service] = services
  const rows: [string, string | undefined][] = [
    ['code', some(languages.map(({ title, files }) => `${title} (${count(files, 'file')})`)) || undefined],
    ['package manager', packageManager ? `${packageManager.name} (${packageManager.evidence})` : packages.length > 0 ? 'none that can be told: no lock file' : undefined],
    ['workspaces', workspaces.length > 0 ? `${workspaces.length}: ${some(workspaces)}` : undefined],
    ['framework', some([...new Set(packages.flatMap(({ framework }) => (framework ? [framework.title] : [])))]) || undefined],
    ['service', service ? `${service.name ?? service.directory}${service.directory === '.' ? '' : ` in ${service.directory}`}` : packages.length > 0 ? 'none: a library' : undefined],
    ['tests', some(testRunners) || undefined],
    ['linters', some(linters) || undefined],
    ['Dockerfile', some(dockerfiles) || undefined],
    ['Terraform', some(terraform) || undefined],
    ['workflows', some(workflows) || undefined],
    ...scanners.map(({ title, evidence, becomes }): [string, string] => [title, `${evidence} → ${becomes}`]),
  ]
  return rows.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]))
}

function reported({ accepted, blind }: Adoption): Row[] {
  const byCheck = Map.groupBy(accepted, ({ rule }) => rule.split('/', 1)[0] ?? rule)
  const rows = [...byCheck].map(([check, findings]): Row => [check, bySeverity(findings)])
  const secrets = accepted.filter(({ rule }) => rule.startsWith('secrets/'))
  return [
    ...(rows.length > 0 ? rows : [['nothing', 'the checks that could look found nothing'] as const]),
    ...blind.map(({ check, why }): Row => [check, `could not look: ${why.split('\n', 1)[0]}`]),
    ...(secrets.length > 0 ? [['secrets!', `${some(secrets.map(({ location }) => `${location?.path ?? ''}:${location?.startLine ?? ''}`))}: change them where they are valid; whoever has a clone has them`] as const] : []),
  ]
}

const bySeverity = (findings: readonly Finding[]) =>
  severities.toReversed().flatMap((severity) => {
    const many = findings.filter((finding) => finding.severity === severity).length
    return many > 0 ? [`${many} ${severity}`] : []
  }).join(', ')

function carriedOver({ carried: { waivers, left } }: Adoption): Row[] {
  return [
    ...(waivers.length > 0 ? [['waivers', `${waivers.length}, in force until ${waivers.map(({ expires }) => expires).toSorted()[0]} at first`] as const] : []),
    ...left.slice(0, 10).map(({ source, line, id }): Row => [`${source}${line === undefined ? '' : `:${line}`}`, `${id}: nothing that is found now, so it waives nothing`]),
    ...(left.length > 10 ? [['…', `${left.length - 10} more that cover nothing now`] as const] : []),
  ]
}

const notCovered = ({ languages, services, dockerfiles }: Detection): Row[] => [...languages.flatMap(({ title, files, notCovered: what }): Row[] => (what === undefined ? [] : [[title, `${count(files, 'file')}: ${what}; secrets, dependencies, Dockerfile, Terraform and workflows are looked at`]])), ...(services.length === 0 && dockerfiles.length > 0 ? [['image', 'not built by Shiplock: build it as you do now, then `shiplock image scan IMAGE`'] as const] : [])]

function notes({ problems }: Detection, { isDirty, hasGit }: { isDirty: boolean; hasGit: boolean }): string[] {
  return [
    ...problems.map((problem) => `note: ${problem}`),
    ...(hasGit ? [] : ['note: this is no repository of git: pull requests are judged by their merge base, and there is none']),
    ...(isDirty ? ['note: there are changes that are not committed; what is found in them enters the baseline too'] : []),
  ]
}

const seconds = (ms: number) => (ms < 950 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`)
