import { posix } from 'node:path'
import { evaluate, type Effort, type Scope } from './evaluate.ts'
import type { Block, Expression } from './hcl/syntax.ts'
import type { SourceFile } from './source-file.ts'
import type { Value } from './value.ts'
import { instancesOf, View } from './view.ts'

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
  /** `module.db.google_sql_database_instance.main` */
  readonly address: string
  readonly view: View
  readonly find: View['find']
}

/** A module as it is applied: at the root, or as another calls it. */
export class Module {
  readonly source: ModuleSource
  /** `''` or `module.db.` */
  readonly prefix: string
  readonly #inputs: ReadonlyMap<string, Value>
  readonly #effort: Effort
  readonly #known = new Map<string, Value | undefined>()
  readonly #resources = new Map<string, Resource[]>()

  constructor(source: ModuleSource, options: { readonly prefix?: string; readonly inputs: ReadonlyMap<string, Value>; readonly effort: Effort }) {
    this.source = source
    this.prefix = options.prefix ?? ''
    this.#inputs = options.inputs
    this.#effort = options.effort
    for (const resource of this.#readResources()) this.#resources.set(resource.type, [...(this.#resources.get(resource.type) ?? []), resource])
  }

  get isRoot(): boolean {
    return this.prefix === ''
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
        for (const view of this.#expand(block, file)) yield { type: kind, address: `${this.prefix}${kind}.${name}`, view, find: (path) => view.find(path) }
      }
  }

  /** One view for each that `count` or `for_each` makes, as far as that is known; none where they make none. */
  #expand(block: Block, file: SourceFile): View[] {
    const scope = this.#scope(file)
    const attribute = (name: string) => block.body.attributes.find((it) => it.name === name)
    const count = attribute('count')
    if (count) {
      const value = evaluate(count.value, scope)
      return value.kind === 'scalar' && (value.value === 0 || value.value === '0') ? [] : [new View(block, scope, { isAssumed: value.isAssumed })]
    }
    const each = attribute('for_each')
    if (!each) return [new View(block, scope)]
    const collection = evaluate(each.value, scope)
    return instancesOf(collection, scope, 'each').map((instance) => new View(block, instance, { isAssumed: collection.isAssumed }))
  }

  /** The local modules it calls, with where they are and what they are given. */
  *calls(): Generator<{ readonly directory: string; readonly name: string; readonly inputs: ReadonlyMap<string, Value> }> {
    for (const file of this.source.files)
      for (const block of file.body.blocks) {
        const directory = localSource(this.source.directory, block)
        if (directory === undefined) continue
        for (const view of this.#expand(block, file)) {
          const inputs = new Map(block.body.attributes.flatMap(({ name }): [string, Value][] => {
            const value = view.value(name)
            return value ? [[name, view.isAssumed ? { ...value, isAssumed: true } : value]] : []
          }))
          yield { directory, name: block.labels[0] ?? '', inputs }
        }
      }
  }

  #scope(file: SourceFile, isAssumed = false): Scope {
    return { file, isAssumed, names: new Map(), effort: this.#effort, variable: (name) => this.#variable(name), local: (name) => this.#local(name) }
  }

  #variable(name: string): Value | undefined {
    return this.#inputs.get(name) ?? this.#remember(`var.${name}`, () => {
      for (const file of this.source.files) {
        const block = file.body.blocks.find(({ type, labels }) => type === 'variable' && labels[0] === name)
        const fallback = block?.body.attributes.find((attribute) => attribute.name === 'default')
        // Who calls a module without an argument has chosen its default; who applies one may still choose another.
        if (fallback) return { file, expression: fallback.value, isAssumed: this.isRoot }
      }
      return undefined
    })
  }

  #local(name: string): Value | undefined {
    return this.#remember(`local.${name}`, () => {
      for (const file of this.source.files)
        for (const { type, body } of file.body.blocks) {
          const attribute = type === 'locals' ? body.attributes.find((it) => it.name === name) : undefined
          if (attribute) return { file, expression: attribute.value, isAssumed: false }
        }
      return undefined
    })
  }

  #remember(key: string, find: () => { file: SourceFile; expression: Expression; isAssumed: boolean } | undefined): Value | undefined {
    if (this.#known.has(key)) return this.#known.get(key)
    // Until it is known it is not: a local may name itself.
    this.#known.set(key, undefined)
    const found = find()
    const value = found && evaluate(found.expression, this.#scope(found.file, found.isAssumed))
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
