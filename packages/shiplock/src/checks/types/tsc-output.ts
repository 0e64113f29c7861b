import type { FindingDraft } from '@shiplock/findings'

export interface TscPaths {
  /** What absolute paths of the tree begin with. */
  readonly root: string
  /** Where errors without a place belong. */
  readonly project: string
  readonly has: (path: string) => boolean
}

/**
 * The output of `tsc --pretty false`: `path(line,column): error TS2322: message`, or without a place where the
 * configuration is at fault, each followed by indented lines that say more. Columns count UTF-16 code units.
 */
export function parseDiagnostics(output: string, { root, project, has }: TscPaths): FindingDraft[] {
  const findings: FindingDraft[] = []
  const details: string[][] = []
  for (const line of output.replaceAll(`${root}/`, '').split(/\r?\n/)) {
    const finding = parseLine(line, project, has)
    if (finding) {
      findings.push(finding)
      details.push([])
    } else if (line.trim() !== '') {
      details.at(-1)?.push(line)
    }
  }
  return findings.map((finding, index) => {
    const detail = (details[index] ?? []).join('\n').slice(0, longestDetail)
    return { ...finding, ...(detail !== '' && { detail }) }
  })
}

const longestDetail = 4000

const placed = /\((\d+),(\d+)\): error (?=TS\d+: )/g
const unplaced = /^error (TS\d+: .*)$/

function parseLine(line: string, project: string, has: TscPaths['has']): FindingDraft | undefined {
  const bare = unplaced.exec(line)?.[1]
  if (bare !== undefined) return { rule: 'types/config', message: bare, location: { path: project } }
  if (/^\s/.test(line)) return undefined
  // Paths and messages may both hold what a place looks like; the right one is behind the name of a file.
  const places = [...line.matchAll(placed)]
  const match = places.find(({ index }) => has(line.slice(0, index))) ?? places[0]
  if (!match || match.index === 0) return undefined
  const path = line.slice(0, match.index)
  const message = line.slice(match.index + match[0].length)
  return {
    rule: isAboutConfig(path, message) ? 'types/config' : 'types/error',
    message,
    location: { path, startLine: Number(match[1]), startColumn: Number(match[2]) },
  }
}

/** Errors in a JSON file that are not about its use as a module: of its syntax, of options and of what it names. */
const isAboutConfig = (path: string, message: string) => path.endsWith('.json') && /^TS(?:1\d{3}|5\d{3}|6\d{3}|18\d{3}):/.test(message)
