import { posix } from 'node:path'
import { evaluate, type Effort } from './evaluate.ts'
import { localSource, Module, type ModuleSource } from './module.ts'
import type { Block } from './hcl/syntax.ts'
import type { Place, SourceFile } from './source-file.ts'
import type { Value } from './value.ts'

/** Directories with Terraform files; those in `incomplete` have files that could not be read. */
export function moduleSources(files: readonly SourceFile[], incomplete: ReadonlySet<string>): Map<string, ModuleSource> {
  const sources = new Map<string, ModuleSource>()
  for (const [directory, members = []] of Map.groupBy(files, ({ path }) => posix.dirname(path))) {
    const values = members.filter(({ path }) => isValues(path))
    const isOwn = ({ path }: SourceFile) => /(?:^|\/)terraform\.tfvars(?:\.json)?$|\.auto\.tfvars(?:\.json)?$/.test(path)
    const configuration = members.filter(({ path }) => !isValues(path))
    if (configuration.length === 0) continue
    sources.set(directory, { directory, files: withOverrides(configuration), ownValues: inOrder(values.filter(isOwn)), otherValues: values.filter((file) => !isOwn(file)), isWhole: !incomplete.has(directory) })
  }
  return sources
}

const isValues = (path: string) => /\.tfvars(?:\.json)?$/.test(path)

/** `terraform.tfvars` first, so that what is loaded later wins. */
const inOrder = (files: readonly SourceFile[]) => files.toSorted((a, b) => Number(a.path.includes('.auto.')) - Number(b.path.includes('.auto.')))

/** Attributes and nested blocks of override files replace those of the block with the same labels (Terraform, "Override Files"). */
function withOverrides(files: readonly SourceFile[]): SourceFile[] {
  const isOverride = ({ path }: SourceFile) => /(?:^|[/_])override\.tf(?:\.json)?$/.test(path)
  const overriding = files.filter(isOverride)
  if (overriding.length === 0) return [...files]
  const overrides = new Map(overriding.flatMap((source) => source.body.blocks.filter(({ type }) => type !== 'locals').map((block) => [headOf(block), { ...block, source }] as const)))
  const used = new Set<string>()
  const merged = files.filter((file) => !isOverride(file)).map((file) => ({ ...file, body: { ...file.body, blocks: file.body.blocks.map((block) => {
    const override = overrides.get(headOf(block))
    if (!override) return block
    used.add(headOf(block))
    return overridden(block, override)
  }) } }))
  // Locals are looked for in the order of the files; what overrides nothing is as it is.
  return [...overriding.map((file) => ({ ...file, body: { ...file.body, blocks: file.body.blocks.filter((block) => !used.has(headOf(block))) } })), ...merged]
}

const headOf = ({ type, labels }: Block) => JSON.stringify([type, ...labels])

function overridden(block: Block, { body, source }: Block & { readonly source: SourceFile }): Block {
  const names = new Set(body.attributes.map(({ name }) => name))
  const types = new Set(body.blocks.map(typeOf))
  return {
    ...block,
    body: {
      attributes: [...block.body.attributes.filter(({ name }) => !names.has(name)), ...body.attributes.map((attribute) => ({ ...attribute, source }))],
      blocks: [...block.body.blocks.filter((inner) => !types.has(typeOf(inner))), ...body.blocks.map((inner) => ({ ...inner, source }))],
    },
  }
}

const typeOf = ({ type, labels }: Block) => (type === 'dynamic' ? (labels[0] ?? type) : type)

/** For what is applied by itself, with all that it calls. */
const maxModules = 500
const maxEffort = 1_000_000

export interface Applied {
  readonly source: ModuleSource
  readonly modules: readonly Module[]
  /** It asks for more than is computed; what is left was not looked at. Only known when all its rules have run. */
  readonly hasGivenUp: () => boolean
}

/** Everything that is applied by itself, with its own values, and what it calls, with what it gives. */
export function applications(sources: ReadonlyMap<string, ModuleSource>): Applied[] {
  const called = new Set([...sources.values()].flatMap(({ directory, files }) => files.flatMap(({ body }) => body.blocks.map((block) => localSource(directory, block)))))
  const seen = new Set<string>()
  const apply = (some: readonly ModuleSource[]) => some.flatMap((source) => (seen.has(source.directory) ? [] : [instantiate(source, sources, seen)]))
  const all = [...sources.values()]
  // Modules that call one another in a circle have no root, and those with a count of 0 nobody who makes them.
  return [...apply(all.filter(({ directory }) => !called.has(directory))), ...apply(all)]
}

function instantiate(root: ModuleSource, sources: ReadonlyMap<string, ModuleSource>, seen: Set<string>): Applied {
  const effort: Effort = { left: maxEffort }
  const modules: Module[] = []
  let hasTooMany = false
  const visit = (source: ModuleSource, caller: Place | undefined, inputs: ReadonlyMap<string, Value>, callers: readonly string[]): void => {
    hasTooMany ||= modules.length >= maxModules
    if (hasTooMany || effort.left < 0) return
    seen.add(source.directory)
    const module = new Module(source, { inputs, effort, ...(caller && { caller }) })
    modules.push(module)
    for (const call of module.calls()) {
      const target = sources.get(call.directory)
      if (target && !callers.includes(call.directory)) visit(target, call.caller, call.inputs, [...callers, call.directory])
    }
  }
  for (const inputs of inputSets(root, effort)) visit(root, undefined, inputs, [root.directory])
  return { source: root, modules, hasGivenUp: () => hasTooMany || effort.left < 0 }
}

const maxValueFiles = 20

/** What Terraform loads by itself; and that with each other file of values, any of which may be what is applied. */
function inputSets(source: ModuleSource, effort: Effort): ReadonlyMap<string, Value>[] {
  const own = source.ownValues.flatMap((file) => valuesIn(file, effort))
  return [new Map(own), ...source.otherValues.slice(0, maxValueFiles).map((file) => new Map([...own, ...valuesIn(file, effort)]))]
}

const valuesIn = (file: SourceFile, effort: Effort): [string, Value][] =>
  file.body.attributes.map(({ name, value }) => [name, evaluate(value, { file, isAssumed: false, names: new Map(), variable: () => undefined, local: () => undefined, effort })])
