import type { Command } from './command.ts'
import type { ImageReference } from './image-reference.ts'

/** A Dockerfile as its rules see it: stages and their instructions, variables resolved, shell commands split. Spans are offsets in `text`. */
export interface Dockerfile {
  readonly path: string
  readonly text: string
  /** All of them in their order; ONBUILD's are those that it triggers. */
  readonly instructions: readonly Instruction[]
  readonly stages: readonly Stage[]
  /** Undefined where there is no FROM. */
  readonly finalStage: Stage | undefined
  /** The final stage and the stages that it is built FROM, last first: what they hold is in the image. */
  readonly finalChain: readonly Stage[]
  /** Every command of every RUN that a POSIX shell would run. */
  readonly commands: readonly Command[]
  /** What keeps the file from being built, by the parser's word. */
  readonly errors: readonly Problem[]
  /** What was not looked at. */
  readonly gaps: readonly Problem[]
  readonly surroundings: Surroundings
  /** By its name for development or tests, or for a dev container: not what runs in production. */
  readonly isForDevelopment: boolean
}

/** What a rule wants to know of the tree around the Dockerfile, in its folder or above. */
export interface Surroundings {
  readonly hasDockerignore: boolean
  /** Names of the lock files there. */
  readonly lockFiles: readonly string[]
}

export interface Problem {
  readonly message: string
  readonly at: Span
}

export interface Span {
  readonly start: number
  readonly end: number
}

export interface Stage {
  readonly index: number
  readonly name: string | undefined
  readonly from: Instruction
  readonly base: Base
  readonly instructions: readonly Instruction[]
}

export type Base =
  | { readonly kind: 'stage'; readonly stage: Stage }
  | { readonly kind: 'scratch' }
  | { readonly kind: 'image'; readonly image: ImageReference; /** Of the ARG whose default it comes from. */ readonly argument: string | undefined }
  /** Named by a variable that only `--build-arg` sets. */
  | { readonly kind: 'unknown'; readonly written: string }

export interface Instruction {
  /** In capitals. */
  readonly keyword: string
  readonly isTriggered: boolean
  /** Undefined before the first FROM. */
  readonly stage: Stage | undefined
  readonly flags: readonly Flag[]
  /** What follows keyword and flags, joined to one line. */
  readonly argument: string
  /** The same with the variables replaced whose value the file tells. */
  readonly resolved: string
  /** The words of the exec form, where `argument` is one. */
  readonly exec: readonly string[] | undefined
  readonly properties: readonly Property[]
  readonly hereDocuments: readonly string[]
  readonly commands: readonly Command[]
  /** From the keyword to the end of the argument, without here-documents. */
  readonly span: Span
  /** Of a part of `argument`. */
  readonly spanOf: (start: number, end: number) => Span
}

export interface Flag {
  readonly name: string
  readonly value: string
}

/** `name=value` of ARG, ENV and LABEL; the value without quotes and as the file tells it. */
export interface Property {
  readonly name: string
  readonly value: string | undefined
  readonly resolved: string | undefined
  readonly span: Span
  readonly valueSpan: Span | undefined
}

export function flag({ flags }: Instruction, name: string): string | undefined {
  return flags.find((some) => some.name === name)?.value
}

/** The last of these instructions that counts in a stage, looking at those that it is built from too. */
export function lastInChain(stage: Stage, keyword: string): Instruction | undefined {
  for (const some of chainOf(stage)) {
    const found = some.instructions.findLast((instruction) => instruction.keyword === keyword && !instruction.isTriggered)
    if (found) return found
  }
  return undefined
}

/** A stage and those that it is built FROM, last first. */
export function chainOf(stage: Stage): Stage[] {
  const chain = [stage]
  for (let { base } = stage; base.kind === 'stage'; base = base.stage.base) chain.push(base.stage)
  return chain
}

/** What lies under a stage and those that it is built from. */
export function rootBase(stage: Stage): Exclude<Base, { kind: 'stage' }> {
  let { base } = stage
  while (base.kind === 'stage') base = base.stage.base
  return base
}

const inOrder = new WeakMap<Stage, readonly Instruction[]>()

/** Instructions of a stage and those below it, in the order in which they run; of a Dockerfile that has been read. */
export function instructionsOf(stage: Stage): readonly Instruction[] {
  const known = inOrder.get(stage)
  if (known) return known
  const instructions = chainOf(stage)
    .toReversed()
    .flatMap((some) => some.instructions)
  inOrder.set(stage, instructions)
  return instructions
}

/** What COPY and ADD copy, in either form. */
export function sourcesOf({ exec, resolved }: Instruction): readonly string[] {
  return (exec ?? resolved.split(/[ \t]+/).filter((word) => word !== '')).slice(0, -1)
}
