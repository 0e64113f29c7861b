import type { Dockerfile, Instruction } from '../dockerfile.ts'
import { flag } from '../dockerfile.ts'
import { mounts } from '../package-managers.ts'
import type { Examine } from '../rule.ts'

export const unknownStage: Examine = function* (dockerfile) {
  for (const instruction of dockerfile.instructions) {
    for (const name of namesIn(instruction)) {
      const problem = problemOf(name, instruction, dockerfile)
      if (problem !== undefined) yield { message: problem, at: instruction.span }
    }
  }
}

function namesIn(instruction: Instruction): string[] {
  const from = instruction.keyword === 'COPY' ? flag(instruction, 'from') : undefined
  return [...(from === undefined ? [] : [from]), ...(instruction.keyword === 'RUN' ? mounts(instruction).flatMap((mount) => mount.get('from') ?? []) : [])]
}

function problemOf(name: string, { stage, isTriggered }: Instruction, { stages }: Dockerfile): string | undefined {
  // A trigger runs in another Dockerfile, with other stages.
  if (!stage || isTriggered || name.includes('$')) return undefined
  if (/^\d+$/.test(name)) return Number(name) < stage.index ? undefined : `there is no stage ${name} above this one`
  const isName = (other: string | undefined) => other?.toLowerCase() === name.toLowerCase()
  if (stages.slice(0, stage.index).some((other) => isName(other.name))) return undefined
  if (isName(stage.name)) return `--from=${name} names its own stage`
  if (stages.some((other) => isName(other.name))) return `the stage ${name} comes later: only stages above can be copied from`
  // A plain name may be an image or a named context; one letter off a stage, it is a slip.
  const near = /^[a-z0-9_.-]+$/i.test(name) ? stages.slice(0, stage.index).find((other) => other.name !== undefined && isSlip(other.name.toLowerCase(), name.toLowerCase())) : undefined
  return near ? `there is no stage ${name}; ${near.name ?? ''} is meant?` : undefined
}

/** One letter more, less, other, or two neighbours changed about. */
function isSlip(a: string, b: string): boolean {
  if (Math.min(a.length, b.length) < 4 || /\d$/.test(a) || /\d$/.test(b)) return false
  let head = 0
  while (head < a.length && a[head] === b[head]) head++
  const restA = a.slice(head)
  const restB = b.slice(head)
  return restA.slice(1) === restB || restA === restB.slice(1) || restA.slice(1) === restB.slice(1) || (restA.slice(0, 2) === `${restB[1] ?? ''}${restB[0] ?? ''}` && restA.slice(2) === restB.slice(2))
}
