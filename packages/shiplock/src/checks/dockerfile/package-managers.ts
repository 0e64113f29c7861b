import { operands, type Command } from './command.ts'
import type { Flaw } from './rule.ts'
import { instructionsOf, type Dockerfile, type Instruction, type Stage } from './dockerfile.ts'

const aptValued = /^(?:-[otc]|--(?:option|target-release|default-release|config-file|host-architecture))$/

/** `install`, `update`, … where the command is apt-get, apt or aptitude. */
export function aptSubcommand(command: Command): string | undefined {
  if (command.name !== 'apt-get' && command.name !== 'apt' && command.name !== 'aptitude') return undefined
  return operands(command, aptValued)[0]?.text
}

/** An option behind the word `install`, where the command is written as it runs and has that word once. */
export function afterInstall(text: string, command: Command, option: string): Pick<Flaw, 'insert'> {
  const written = text.slice(command.span.start, command.span.end)
  const [found, another] = written.matchAll(/(?<=\s)install(?=\s)/g)
  if (!found || another || command.instruction.isTriggered || command.instruction.exec || !/^(?:sudo\s+)?(?:apt-get|apt|aptitude)\s/.test(written)) return {}
  return { insert: { at: command.span.start + found.index + 'install'.length, text: ` ${option}` } }
}

/** Packages that an apt command installs, as they are written. */
export const aptPackages = (command: Command): string[] => operands(command, aptValued).slice(1).map(({ text }) => text)

/** The stages that have said this to apt once for all, in a configuration of their own. */
export function stagesWithAptSetting(stages: readonly Stage[], setting: RegExp): ReadonlySet<Stage | undefined> {
  return new Set(stages.filter((stage) => instructionsOf(stage).some((some) => setting.test(some.argument) || some.hereDocuments.some((text) => setting.test(text)))))
}

/** Targets of the mounts of a RUN of these types. */
export function mountTargets(instruction: Instruction, ...types: readonly string[]): string[] {
  return mounts(instruction).flatMap((mount) => {
    const target = mount.get('target') ?? mount.get('dst') ?? mount.get('destination')
    return types.includes(mount.get('type') ?? 'bind') && target !== undefined ? [target] : []
  })
}

/** Options of each `--mount`. */
export function mounts({ flags }: Instruction): ReadonlyMap<string, string>[] {
  return flags.flatMap(({ name, value }) => (name === 'mount' ? [new Map(value.split(',').map((pair) => [pair.split('=', 1)[0] ?? '', pair.slice(pair.indexOf('=') + 1)] as const))] : []))
}

const npmValued = /^(?:--(?:prefix|workspace|registry|cache|loglevel|userconfig|tag|cwd|filter|dir|omit|include|only|network-timeout|cache-folder|mutex|store-dir)|-w|-C|-F)$/

export interface NodeInstall {
  readonly manager: 'npm' | 'yarn' | 'pnpm'
  readonly subcommand: string
  /** What is installed beyond the manifest; empty where it is the manifest's dependencies. */
  readonly packages: readonly string[]
  readonly isGlobal: boolean
}

const installing: Readonly<Record<NodeInstall['manager'], readonly string[]>> = { npm: ['install', 'i', 'ci', 'clean-install', 'add', 'install-clean'], yarn: ['install', 'add'], pnpm: ['install', 'i', 'add'] }

export function nodeInstall(command: Command): NodeInstall | undefined {
  const { name } = command
  if (name !== 'npm' && name !== 'yarn' && name !== 'pnpm') return undefined
  const words = operands(command, npmValued).map(({ text }) => text)
  const isGlobal = command.arguments.some(({ text }) => text === '-g' || text === '--global' || text === '--location=global') || (name === 'yarn' && words[0] === 'global')
  if (name === 'yarn' && words[0] === 'global') words.shift()
  // `yarn` alone installs.
  const [subcommand = name === 'yarn' && !command.arguments.some(({ text }) => /^(?:-v|--version|-h|--help)$/.test(text)) ? 'install' : '', ...packages] = words
  return installing[name].includes(subcommand) ? { manager: name, subcommand, packages, isGlobal } : undefined
}


/** Whether NODE_ENV is known at an instruction, and as what. */
export function nodeEnvironment(stage: Stage, until?: Instruction): string | undefined {
  let value: string | undefined
  for (const instruction of instructionsOf(stage)) {
    if (instruction === until) break
    if (instruction.keyword !== 'ENV' && instruction.keyword !== 'ARG') continue
    for (const property of instruction.properties) if (property.name === 'NODE_ENV' && property.resolved !== undefined) value = property.resolved
  }
  return value
}

/** Words of what the image starts: ENTRYPOINT and CMD together; undefined where the file does not say. */
export function startWords(chain: Dockerfile['finalChain']): string[] | undefined {
  const last = (keyword: string) => chain.flatMap(({ instructions }) => instructions.findLast((some) => some.keyword === keyword && !some.isTriggered) ?? [])[0]
  const words = [last('ENTRYPOINT'), last('CMD')].flatMap((some) => (some ? (some.exec ?? some.argument.split(/\s+/)) : []))
  return words.length > 0 ? words : undefined
}

export const hasSecretMount = (instruction: Instruction) => mounts(instruction).some((mount) => mount.get('type') === 'secret')
