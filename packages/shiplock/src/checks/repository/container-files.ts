import type { FindingDraft } from '@shiplock/findings'
import { dockerignoreGap } from './rules/dockerignore-gap.ts'
import { leavesOut } from './ignore-file.ts'
import { appended, baseName, finding, folderOf, isSample, textOf, type Tree } from './tree.ts'

// Blanks, never line breaks: a file of empty lines would be gone through once for each of them.
const copiesEverything = /^[ \t]*(?:COPY|ADD)[ \t]+(?!.*--from=)(?:--\S+[ \t]+)*(?:\.\/?[ \t]|\[[ \t]*"\.\/?"[ \t]*,)/im

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
    // Where there is none at all, dockerfile/no-dockerignore says so.
    if (smallest && smallest.missing.length > 0) findings.push({ ...finding(dockerignoreGap, `copies its whole context, and .dockerignore leaves ${smallest.missing.join(' and ')} in it`, path, line), edits: smallest.missing.map((name) => appended(smallest.ignore, smallest.written, name === '.git' ? name : `**/${name}`)) })
  }
  return findings
}

function missingFrom(text: string): string[] {
  const everything = String.raw`\*{1,2}(?:\/\*)?`
  return [
    ...(leavesOut(text, new RegExp(String.raw`^(?:${everything}|(?:\*\*\/)?(?:\.git|\.git\*|\.\*))$`)) ? [] : ['.git']),
    ...(leavesOut(text, new RegExp(String.raw`^(?:${everything}|(?:\*\*\/)?(?:\.env.{0,6}|\*\.env|\.\*))$`)) ? [] : ['.env']),
    ...(leavesOut(text, new RegExp(String.raw`^(?:${everything}|(?:\*\*\/|\*\/)?node_modules)$`)) ? [] : ['node_modules']),
  ]
}
