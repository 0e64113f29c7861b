import type { FindingDraft } from '@shiplock/findings'
import { dockerignoreGap } from './rules/dockerignore-gap.ts'
import { appended, baseName, finding, folderOf, isSample, textOf, type Tree } from './tree.ts'

const copiesEverything = /^\s*(?:COPY|ADD)\s+(?!.*--from=)(?:--\S+\s+)*(?:\.\/?\s|\[\s*"\.\/?"\s*,)/im

export async function findContainerGaps(tree: Tree): Promise<FindingDraft[]> {
  const findings: FindingDraft[] = []
  for (const path of tree.paths) {
    if (!/^(?:Dockerfile|Containerfile)(?:\..+)?$|\.Dockerfile$/i.test(baseName(path)) || path.endsWith('.dockerignore') || isSample(path)) continue
    const text = await textOf(tree, path)
    const copy = text === undefined ? null : copiesEverything.exec(text)
    if (text === undefined || !copy) continue
    const line = text.slice(0, copy.index + copy[0].search(/\S/)).split('\n').length
    // Which folder is the context, the command line says; one that is good enough anywhere it may be is.
    const ignores = [`${path}.dockerignore`, `${folderOf(path)}.dockerignore`, '.dockerignore'].filter(tree.has)
    const gaps = await Promise.all(ignores.map(async (ignore) => {
      const written = (await textOf(tree, ignore)) ?? ''
      return { ignore, written, missing: missingFrom(written) }
    }))
    const smallest = gaps.toSorted((a, b) => a.missing.length - b.missing.length)[0]
    if (smallest === undefined) findings.push(finding(dockerignoreGap, 'copies its whole context, and there is no .dockerignore', path, line))
    else if (smallest.missing.length > 0) findings.push({ ...finding(dockerignoreGap, `copies its whole context, and .dockerignore leaves ${smallest.missing.join(' and ')} in it`, path, line), edits: smallest.missing.map((name) => appended(smallest.ignore, smallest.written, name === '.git' ? name : `**/${name}`)) })
  }
  return findings
}

function missingFrom(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim().replace(/^\/|\/(?:\*\*?)?$/g, ''))
  const has = (pattern: RegExp) => lines.some((line) => pattern.test(line))
  if (has(/^\*{1,2}(?:\/\*)?$/)) return []
  return [...(has(/^(?:\*\*\/)?(?:\.git|\.git\*|\.\*)$/) ? [] : ['.git']), ...(has(/^(?:\*\*\/)?(?:\.env.{0,6}|\*\.env|\.\*)$/) ? [] : ['.env']), ...(has(/^(?:\*\*\/|\*\/)?node_modules$/) ? [] : ['node_modules'])]
}
