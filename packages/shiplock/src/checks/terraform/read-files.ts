import { posix } from 'node:path'
import type { FindingDraft } from '@shiplock/findings'
import type { CheckContext, TreeFiles } from '../check.ts'
import { readHcl } from './hcl/read-hcl.ts'
import { readJson } from './hcl/read-json.ts'
import { disagreement } from './hcl/second-opinion.ts'
import type { SyntaxProblem } from './hcl/syntax.ts'
import type { TerraformOptions } from './index.ts'
import { unparsable } from './rules/unparsable.ts'
import { unreadable } from './rules/unreadable.ts'
import { positionAt, type SourceFile } from './source-file.ts'

export interface ReadFiles {
  readonly files: readonly SourceFile[]
  /** What could not be read; the rest goes on without it. */
  readonly findings: readonly FindingDraft[]
}

type Read =
  | { readonly file: SourceFile; readonly finding?: undefined; readonly refused?: undefined }
  /** `refused`: the text, where the other parser may be asked about it. */
  | { readonly file?: undefined; readonly finding: FindingDraft; readonly refused?: string }

/** Reads every file; Terraform's own parser has looked at each that has changed since it last did. `which` names them: what is remembered of others stays. */
export async function readFiles(context: CheckContext<TerraformOptions>, paths: readonly string[], which: string): Promise<ReadFiles> {
  const { files, options } = context
  const known = new Map<string, Read>()
  const read = async (path: string): Promise<Read> => {
    const before = known.get(path)
    if (before) return before
    const result = await readFile(files, path, options.maxFileBytes)
    known.set(path, result)
    return result
  }
  // A link's own content says nothing of what it leads to, so it is not remembered by it.
  const links = paths.filter((path) => files.isLink(path))
  const findings = await context.perFile(paths.filter((path) => !files.isLink(path)), `syntax ${options.maxFileBytes} ${which}`, (some) => examine(some, read))
  findings.push(...[...(await examine(links, read)).values()].flat())
  const bad = new Set(findings.map(({ location }) => location?.path))
  const good = paths.filter((path) => !bad.has(path))
  const results = await Promise.all(good.map(read))
  return { files: results.flatMap(({ file }) => (file ? [file] : [])), findings }
}

async function examine(paths: readonly string[], read: (path: string) => Promise<Read>): Promise<Map<string, FindingDraft[]>> {
  const findings = new Map<string, FindingDraft[]>()
  for (const path of paths) {
    const { file, finding, refused } = await read(path)
    // What our own reader refuses is asked for too: HashiCorp's words for it are better, and it may be right where we are not.
    const text = file ? file.text : refused
    const other = text !== undefined && !path.endsWith('.json') ? await opinion(path, text, file) : undefined
    findings.set(path, other ? [other] : finding ? [finding] : [])
  }
  return findings
}

async function opinion(path: string, text: string, file: SourceFile | undefined): Promise<FindingDraft | undefined> {
  const other = await disagreement(text, file?.body)
  return other && { rule: unparsable.id, message: other.message, location: { path, ...(other.line !== undefined && { startLine: other.line }), ...(other.column !== undefined && { startColumn: other.column }) } }
}

/**
 * What our reader accepts is not deep. Of what it refuses nobody knows: HashiCorp's parser ends with its stack, and takes
 * seconds and gigabytes to list a million errors. So it is asked only where the whole text has too few signs for that.
 */
const longestRefused = 65_536
const mostOpenings = 500
const openings = /[[({?!]|(?<!\w)-/g

async function readFile(files: TreeFiles, path: string, maxFileBytes: number): Promise<Read> {
  const cannot = (message: string): Read => ({ finding: { rule: unreadable.id, message, location: { path } } })
  const text = await textOf(files, path)
  // Values that nobody has committed are none yet: a repository to start from leaves them to whoever copies it.
  if (text === undefined) return { finding: { rule: unreadable.id, message: 'the link leads to no Terraform file of the repository', location: { path }, ...(/\.tfvars(?:\.json)?$/.test(path) && leadsToNothing(files, path, await files.text(path)) && { severity: 'low' as const }) } }
  if (Buffer.byteLength(text) > maxFileBytes) return cannot(`the file has more than ${maxFileBytes} bytes`)
  // Node reads what is no UTF-8 as this character; Terraform refuses it.
  if (text.includes('\u{FFFD}')) return cannot('the file is not UTF-8')
  const result = path.endsWith('.json') ? readJson(text) : readHcl(text)
  if (result.ok) return { file: { path, text, body: result.value } }
  const isAsked = !result.failure.isLimit && text.length <= longestRefused && (text.match(openings)?.length ?? 0) <= mostOpenings
  return { finding: syntaxFinding(path, text, result.failure), ...(isAsked && { refused: text }) }
}

function syntaxFinding(path: string, text: string, problem: SyntaxProblem): FindingDraft {
  const { line, column } = positionAt({ text }, problem.at)
  return { rule: unparsable.id, message: problem.message, location: { path, startLine: line, startColumn: column } }
}

/** Whether a link leads to where a file could be in the tree, and none is. */
function leadsToNothing(files: TreeFiles, path: string, target: string): boolean {
  const at = posix.join(posix.dirname(path), target)
  return !posix.isAbsolute(target) && at !== '..' && !at.startsWith('../') && !files.has(at)
}

const maxLinks = 8

/** Follows links inside of the tree; undefined where they lead elsewhere or in a circle. */
async function textOf(files: TreeFiles, path: string): Promise<string | undefined> {
  let at = path
  for (let links = 0; links < maxLinks && files.has(at); links++) {
    const text = await files.text(at)
    if (!files.isLink(at)) return text
    at = posix.join(posix.dirname(at), text)
  }
  return undefined
}
