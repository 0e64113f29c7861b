import { join } from 'node:path'
import { checks } from '../checks/registry.ts'
import { ciFacts } from '../ci/facts.ts'
import { ciFiles, type CiFile } from '../ci/files.ts'
import { firstDifference } from '../ci/first-difference.ts'
import { visible } from '../report/escape.ts'
import { linkOfTree, readTextFile, writeAtomically } from '../system/files.ts'
import { CommandFailure } from './report-failure.ts'
import { openRepository, type CommonOptions } from './session.ts'
import { print, say } from './streams.ts'

/** `shiplock ci generate`: the workflows that follow from the config. A file of another's at the same place is named, and stays unless `--force`. */
export async function ciGenerateCommand(options: CommonOptions & { readonly force?: boolean }): Promise<number> {
  const { root, files } = await filesOf(options)
  const written: string[] = []
  for (const { path, text } of files) {
    const link = linkOfTree(root, join(root, path))
    if (link !== undefined) throw new CommandFailure(2, { message: `${path} leads elsewhere by a symbolic link`, hint: 'put a file of its own there' })
    const before = readTextFile(join(root, path))
    if (before === text) continue
    if (before !== undefined && !isOurs(before) && !options.force) throw new CommandFailure(2, { message: `${path} is there, and \`shiplock ci generate\` did not write it; nothing more was written`, hint: 'carry over what it does, then --force replaces it' })
    writeAtomically(join(root, path), text)
    written.push(path)
  }
  if (options.format === 'json') process.stdout.write(`${JSON.stringify({ written, files: files.map(({ path }) => path) })}\n`)
  else print(written.length === 0 ? 'Every workflow is as the config has it.' : written.map(visible).join('\n'))
  return 0
}

/** `shiplock ci check`: whether the files are what the config makes of them. Exits with 1 where one is not. */
export async function ciCheckCommand(options: CommonOptions): Promise<number> {
  const { root, files } = await filesOf(options)
  const drift = files.flatMap(({ path, text }) => {
    const now = readTextFile(join(root, path))
    return now === text ? [] : [{ path, ...(now === undefined ? { missing: true } : firstDifference(now, text)) }]
  })
  if (options.format === 'json') process.stdout.write(`${JSON.stringify(drift)}\n`)
  else for (const it of drift) print('missing' in it ? `${visible(it.path)} is missing` : `${visible(it.path)}:${it.line}\n  is   ${visible(it.is)}\n  the config makes it\n       ${visible(it.shouldBe)}`)
  if (!options.quiet) say(drift.length === 0 ? 'Every workflow is as the config has it.' : '`shiplock ci generate` writes them. What was changed by hand belongs into `ci` of the config; what it has no key for, into a workflow of its own.')
  return drift.length === 0 ? 0 : 1
}

async function filesOf(options: CommonOptions): Promise<{ root: string; files: readonly CiFile[] }> {
  const { root, config } = await openRepository(options)
  const facts = ciFacts(config, checks.filter(({ id, subject }) => subject === 'tree' && id in config.checks).map(({ id }) => id))
  if (!facts.ok) throw new CommandFailure(2, facts.failure)
  return { root, files: ciFiles(facts.value) }
}

const isOurs = (text: string) => text.startsWith('# Written by `shiplock ci generate`')
