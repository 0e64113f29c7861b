import { sourcesOf, instructionsOf, type Dockerfile, type Instruction } from '../dockerfile.ts'
import type { Command } from '../command.ts'
import { mounts, nodeInstall, type NodeInstall } from '../package-managers.ts'
import { lockFilesOf } from '../paths.ts'
import type { Examine } from '../rule.ts'

const frozen: Readonly<Record<NodeInstall['manager'], { readonly option: RegExp; readonly say: string }>> = {
  npm: { option: /^$/, say: 'npm ci' },
  yarn: { option: /^--(?:frozen-lockfile|immutable)(?:=|$)/, say: 'yarn install --immutable (--frozen-lockfile before Yarn 2)' },
  pnpm: { option: /^--(?:frozen-lockfile|offline)(?:=true)?$/, say: 'pnpm install --frozen-lockfile' },
}

export const lockFileNotEnforced: Examine = function* (dockerfile) {
  for (const command of dockerfile.commands) {
    const install = nodeInstall(command)
    if (!install || install.isGlobal || install.packages.length > 0 || /^(?:ci|clean-install|install-clean|add)$/.test(install.subcommand)) continue
    const { option, say } = frozen[install.manager]
    if (command.arguments.some(({ text }) => option.test(text) || /^--(?:package-lock-only|no-package-lock|no-lockfile|no-frozen-lockfile|global-style)\b/.test(text)) || isInCi(command)) continue
    const lockFile = lockFilesOf[install.manager].find((name) => isThere(name, command.instruction, dockerfile))
    if (lockFile !== undefined) yield { message: `${command.name} ${install.subcommand} may change what ${lockFile} says; ${say} keeps to it`, at: command.span }
  }
}

/** With CI set, pnpm and Yarn keep to the lock file by themselves. */
function isInCi({ name, assignments, instruction: { stage } }: Command): boolean {
  if (name === 'npm') return false
  return assignments.some(({ text }) => /^CI=./.test(text)) || (stage !== undefined && instructionsOf(stage).some(({ keyword, properties }) => (keyword === 'ENV' || keyword === 'ARG') && properties.some((property) => property.name === 'CI' || property.name === 'YARN_ENABLE_IMMUTABLE_INSTALLS')))
}

/** Whether a lock file has been copied or is mounted when a RUN runs: by its name, or with everything else where the tree has one. */
function isThere(name: string, run: Instruction, { surroundings }: Dockerfile): boolean {
  if (!run.stage) return false
  const isInTree = surroundings.lockFiles.includes(name)
  const stem = name.slice(0, name.indexOf('.'))
  const covers = (source: string) => {
    const file = source.slice(source.lastIndexOf('/') + 1)
    return file === name || (isInTree && !source.replace(/^\.\//, '').includes('/') && (file === '' || file === '.' || file === '*' || file === `${stem}*` || file === `${stem}*.json` || (name === 'package-lock.json' && /^(?:package\*\.json|package\*|\*\.json)$/.test(file))))
  }
  if (mounts(run).some((mount) => (mount.get('type') ?? 'bind') === 'bind' && !mount.has('from') && covers(mount.get('source') ?? mount.get('src') ?? '?'))) return true
  for (const instruction of instructionsOf(run.stage)) {
    if (instruction === run) return false
    if ((instruction.keyword === 'COPY' || instruction.keyword === 'ADD') && !instruction.flags.some(({ name: some }) => some === 'from') && sourcesOf(instruction).some(covers)) return true
  }
  return false
}
