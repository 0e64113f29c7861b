import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { analyse } from '../src/analyse.ts'
import { findingsOf } from '../src/findings.ts'

/**
 * Small services, each with flaws planted across files. A line that ends in `// flaw: RULE` has one; in the fixed service
 * the lines `// fix: CODE` stand in its place. `// vulnerable-only` and `// fixed-only: CODE` are for lines elsewhere.
 */
export const fixtures = join(import.meta.dirname, '../src/services/fixtures')
const classes = ['sql-injection', 'nosql-injection', 'path-traversal', 'server-side-request-forgery', 'cross-site-scripting', 'open-redirect', 'command-injection', 'code-injection', 'mass-assignment', 'argument-injection']

const filesBelow = (directory: string): string[] => readdirSync(directory).flatMap((name) => (statSync(join(directory, name)).isDirectory() ? filesBelow(join(directory, name)) : [join(directory, name)]))

export const textsOf = (service: string) => new Map(filesBelow(join(fixtures, service)).map((path) => [relative(join(fixtures, service), path), readFileSync(path, 'utf8')]))

export const vulnerable = (text: string) => text.replace(/^ *\/\/ (?:fix|fixed-only): .*\n/gm, '\n')
export const fixed = (text: string) =>
  text
    .replace(/^.*\/\/ (?:flaw: .*|vulnerable-only)\n/gm, '\n')
    .replace(/^( *)\/\/ (?:fix|fixed-only): /gm, '$1')

export function found(texts: ReadonlyMap<string, string>) {
  return findingsOf(analyse(texts, texts), texts)
    .map(({ rule, location, flow }) => ({ rule: rule.replace('sast/', ''), path: location!.path, line: location!.startLine!, files: new Set(flow?.map((step) => step.location.path)).size }))
    .filter(({ rule }) => classes.includes(rule))
}

export const planted = (texts: ReadonlyMap<string, string>) => [...texts].flatMap(([path, text]) => text.split('\n').flatMap((line, index) => { const rule = /\/\/ flaw: (\S+)/.exec(line)?.[1]; return rule === undefined ? [] : [`${rule} ${path}:${index + 1}`] }))
