import { flag, type Dockerfile, type Span } from './dockerfile.ts'
import { parseImageReference, type ImageReference } from './image-reference.ts'
import { mounts } from './package-managers.ts'

export interface StageImage {
  readonly image: ImageReference
  /** Of the ARG whose default it is. */
  readonly argument: string | undefined
  readonly at: Span
}

/** The images that the build takes from elsewhere: those of FROM, and those that files are copied or mounted from. */
export function* stageImages({ stages, instructions }: Dockerfile): Generator<StageImage> {
  for (const { base, from } of stages) if (base.kind === 'image') yield { image: base.image, argument: base.argument, at: from.span }
  const names = new Set(stages.flatMap(({ name }) => name?.toLowerCase() ?? []))
  for (const instruction of instructions) {
    const copied = instruction.keyword === 'COPY' ? flag(instruction, 'from') : undefined
    for (const name of copied === undefined ? mounts(instruction).flatMap((mount) => mount.get('from') ?? []) : [copied]) {
      // A plain name may be a context that the command line names, as it may be an image.
      if (names.has(name.toLowerCase()) || name.includes('$') || !/[/:@]/.test(name)) continue
      yield { image: parseImageReference(name), argument: undefined, at: instruction.span }
    }
  }
}
