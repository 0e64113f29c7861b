import { join } from 'node:path'
import { isSeq, parseDocument, stringify } from 'yaml'
import type { VexJustification, VexStatus } from '@shiplock/findings'
import { checks } from '../checks/registry.ts'
import { checkOf, waiversPath, wholeTree } from '../policy/settle.ts'
import { parseWaivers } from '../policy/waivers-file.ts'
import { readTextFile, writeAtomically } from '../system/files.ts'
import { gitUser } from '../system/git-user.ts'
import { CommandFailure } from './report-failure.ts'
import { clock, openRepository, pathsFromRoot, type CommonOptions } from './session.ts'
import { isAboutAdvisory, knownAdvisory, knownFingerprint, knownPath, lastDay } from './waiver-target.ts'

export interface WaiveOptions extends CommonOptions {
  readonly reason: string
  readonly owner?: string
  /** `YYYY-MM-DD`, or a number of days. */
  readonly expires: string
  readonly fingerprint?: string
  readonly advisory?: string
  readonly vexStatus?: VexStatus
  readonly vexJustification?: VexJustification
}

/** `shiplock waive`: adds an entry to `shiplock.waivers.yaml`. */
export async function waiveCommand(rule: string, asked: string, options: WaiveOptions): Promise<number> {
  const { root } = await openRepository(options)
  // Of a finding without a file, wherever the command is given.
  const target = asked.startsWith('pkg:') || asked === wholeTree ? asked : pathsFromRoot(root, [asked], options)[0] || wholeTree
  const known = checks.flatMap(({ rules }) => rules).find(({ id }) => id === rule)
  if (!known && !checks.some(({ id, joins }) => joins && rule.startsWith(`${id}/`))) {
    const check = checks.find(({ id }) => id === checkOf(rule))
    throw new CommandFailure(2, { message: `no check has the rule ${JSON.stringify(rule)}`, hint: check ? `the rules of ${check.id} are ${check.rules.map(({ id }) => id).join(', ')}` : `the checks are ${checks.map(({ id }) => id).join(', ')}` })
  }
  const { advisory, fingerprint, vexStatus, vexJustification } = options
  if (advisory !== undefined && !isAboutAdvisory(rule)) throw new CommandFailure(2, { message: `findings of ${rule} are not about an advisory`, hint: 'leave out --advisory' })
  if (known?.isPerAdvisory && advisory === undefined && fingerprint === undefined) throw new CommandFailure(2, { message: `a waiver of ${rule} names the one advisory that it means`, hint: `name it as the finding does, --advisory CVE-… or GHSA-…: the waiver would else cover every flaw of ${target}, also those that become known later` })
  const vex = vexStatus === undefined && vexJustification === undefined ? undefined : { status: vexStatus ?? 'not_affected', ...(vexJustification && { justification: vexJustification }) }
  const owner = options.owner ?? gitUser(root)
  if (owner === undefined) throw new CommandFailure(2, { message: 'a waiver has an owner, and git knows no user here', hint: 'name one: --owner NAME' })
  const today = clock.startedAt.toISOString().slice(0, 10)
  const expires = lastDay(options.expires, today)
  const isComponent = target.startsWith('pkg:')
  if (advisory !== undefined && isComponent) knownAdvisory(target, advisory)
  if (fingerprint !== undefined) knownFingerprint(fingerprint)
  // What the history holds may be gone from the tree.
  const mayBeGone = checks.some(({ id, readsHistory }) => id === checkOf(rule) && readsHistory !== undefined)
  if (!isComponent && target !== wholeTree && !mayBeGone) knownPath(root, target)
  const entry = { rule, [isComponent ? 'purl' : 'path']: target, ...(advisory !== undefined && { advisory }), ...(fingerprint !== undefined && { fingerprint }), reason: options.reason, owner, expires, ...(vex && { vex }) }
  const path = join(root, waiversPath)
  const before = readTextFile(path) ?? ''
  const document = parseDocument(before, { prettyErrors: false })
  if (document.errors.length > 0 || (document.contents !== null && !isSeq(document.contents))) throw new CommandFailure(2, { message: `${waiversPath} is not a list of waivers`, hint: 'mend it first: shiplock check says where' })
  if (document.contents !== null) document.add(document.createNode(entry))
  // A file of comments alone keeps them.
  const text = document.contents === null ? `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${stringify([entry], { lineWidth: 0 })}` : document.toString({ lineWidth: 0 })
  // What would waive nothing is not written. Older entries may have their own trouble.
  const { entries, problems } = parseWaivers(text, today)
  if (!entries.some((read) => read.rule === rule && read.reason === options.reason.trim() && read.expires === expires && read.advisory === advisory)) throw new CommandFailure(2, { message: problems.at(-1)?.message ?? 'the waiver could not be written', hint: `a waiver has a rule, a path or purl, a reason, an owner and a last day; docs/policy.md says how each is written` })
  writeAtomically(path, text, { durable: true })
  process.stdout.write(options.format === 'json' ? `${JSON.stringify(entry)}\n` : `${waiversPath}: ${rule} is waived for ${target}${advisory === undefined ? '' : `, ${advisory} alone,`} until ${expires}, by ${owner}.\n`)
  return 0
}
