import { posix } from 'node:path'
import { evaluate, type Effort, type Scope } from './evaluate.ts'
import type { Block } from './hcl/syntax.ts'
import type { Place, SourceFile } from './source-file.ts'
import { opened, type Value } from './value.ts'
import { countedInstances, instancesOf, View } from './view.ts'

/** The files of one directory. */
export interface ModuleSource {
  readonly directory: string
  readonly files: readonly SourceFile[]
  /** Values of variables in files that Terraform loads by itself, and the others by their names. */
  readonly ownValues: readonly SourceFile[]
  readonly otherValues: readonly SourceFile[]
  /** Every file could be read: only then is what is not there surely missing. */
  readonly isWhole: boolean
}

export interface Resource {
  readonly type: string
  /** `google_sql_database_instance.main`, as it is written: without the modules around it. */
  readonly address: string
  readonly view: View
  readonly find: View['find']
}

/** A module as it is applied: at the root, or as another calls it. */
export class Module {
  readonly source: ModuleSource
  /** The `module` block that calls it; absent at a root. */
  readonly caller: Place | undefined
  readonly #inputs: ReadonlyMap<string, Value>
  readonly #effort: Effort
  readonly #known = new Map<string, Value | undefined>()
  readonly #resources = new Map<string, Resource[]>()

  constructor(source: ModuleSource, options: { readonly caller?: Place; readonly inputs: ReadonlyMap<string, Value>; readonly effort: Effort }) {
    this.source = source
    this.caller = options.caller
    this.#inputs = options.inputs
    this.#effort = options.effort
    for (const resource of this.#readResources()) this.#resources.set(resource.type, [...(this.#resources.get(resource.type) ?? []), resource])
  }

  get isRoot(): boolean {
    return this.caller === undefined
  }

  resources(...types: readonly string[]): Resource[] {
    return types.flatMap((type) => this.#resources.get(type) ?? [])
  }

  /** Resources whose type matches, for what is alike in many: IAM. */
  resourcesLike(pattern: RegExp): Resource[] {
    return [...this.#resources].flatMap(([type, resources]) => (pattern.test(type) ? resources : []))
  }

  /** Blocks that are no resources: `variable`, `output`, `terraform`, `provider`, `module`. */
  blocks(type: string): View[] {
    return this.source.files.flatMap((file) => file.body.blocks.filter((block) => block.type === type).map((block) => new View(block, this.#scope(file))))
  }

  *#readResources(): Generator<Resource> {
    for (const file of this.source.files)
      for (const block of file.body.blocks) {
        const [type, name] = block.labels
        if ((block.type !== 'resource' && block.type !== 'data') || type === undefined || name === undefined) continue
        const kind = block.type === 'data' ? `data.${type}` : type
        for (const view of this.#expand(block, file)) yield { type: kind, address: `${kind}.${name}`, view, find: (path) => view.find(path) }
      }
  }

  /** One view for each that `count` or `for_each` makes, as far as that is known; none where they make none. */
  #expand(block: Block, file: SourceFile): View[] {
    const scope = this.#scope(file)
    const attribute = (name: string) => block.body.attributes.find((it) => it.name === name)
    const count = attribute('count')
    if (count) {
      const value = evaluate(count.value, scope)
      return countedInstances(value, scope).map((instance) => new View(block, instance, { isAssumed: value.isAssumed }))
    }
    const each = attribute('for_each')
    if (!each) return [new View(block, scope)]
    const collection = evaluate(each.value, scope)
    return instancesOf(collection, scope, 'each').map((instance) => new View(block, instance, { isAssumed: collection.isAssumed }))
  }

  /** The local modules it calls, with where they are and what they are given. */
  *calls(): Generator<{ readonly directory: string; readonly caller: Place; readonly inputs: ReadonlyMap<string, Value> }> {
    for (const file of this.source.files)
      for (const block of file.body.blocks) {
        const directory = localSource(this.source.directory, block)
        if (directory === undefined) continue
        for (const view of this.#expand(block, file)) {
          const inputs = new Map(block.body.attributes.flatMap(({ name }): [string, Value][] => {
            const value = view.value(name)
            return value ? [[name, view.isAssumed ? { ...value, isAssumed: true } : value]] : []
          }))
          yield { directory, caller: view.place, inputs }
        }
      }
  }

  #scope(file: SourceFile, isAssumed = false): Scope {
    return { file, isAssumed, names: new Map(), effort: this.#effort, variable: (name) => this.#variable(name), local: (name) => this.#local(name) }
  }

  #variable(name: string): Value | undefined {
    return this.#remember(`var.${name}`, () => {
      const [block, file] = this.#variableBlock(name)
      const value = this.#inputs.get(name) ?? this.#default(block, file)
      const type = block?.body.attributes.find((attribute) => attribute.name === 'type')?.value
      // What is not given gets the default that the type has for it, which is not worked out.
      return value && file && type && /\boptional\b/.test(file.text.slice(type.start, type.end)) ? opened(value) : value
    })
  }

  #variableBlock(name: string): readonly [Block, SourceFile] | readonly [] {
    for (const file of this.source.files) {
      const block = file.body.blocks.find(({ type, labels }) => type === 'variable' && labels[0] === name)
      if (block) return [block, file]
    }
    return []
  }

  /** Who calls a module without an argument has chosen its default; who applies one may still choose another. */
  #default(block: Block | undefined, file: SourceFile | undefined): Value | undefined {
    const fallback = block?.body.attributes.find((attribute) => attribute.name === 'default')
    return fallback && file && evaluate(fallback.value, this.#scope(fallback.source ?? file, this.isRoot))
  }

  #local(name: string): Value | undefined {
    return this.#remember(`local.${name}`, () => {
      for (const file of this.source.files)
        for (const { type, body } of file.body.blocks) {
          const attribute = type === 'locals' ? body.attributes.find((it) => it.name === name) : undefined
          if (attribute) return evaluate(attribute.value, this.#scope(file))
        }
      return undefined
    })
  }

  #remember(key: string, find: () => Value | undefined): Value | undefined {
    if (this.#known.has(key)) return this.#known.get(key)
    // Until it is known it is not: a local may name itself.
    this.#known.set(key, undefined)
    const value = find()
    this.#known.set(key, value)
    return value
  }
}

/** Where a module's source leads in the tree; undefined for modules from elsewhere. */
export function localSource(directory: string, block: Block): string | undefined {
  if (block.type !== 'module') return undefined
  const source = block.body.attributes.find(({ name }) => name === 'source')?.value
  if (source?.kind !== 'literal' || typeof source.value !== 'string' || !/^\.\.?(?:\/|$)/.test(source.value)) return undefined
  return posix.join(directory, source.value).replace(/\/$/, '') || '.'
}
