import { chainOf } from '../dockerfile.ts'
import type { Examine } from '../rule.ts'

export const relativeWorkdir: Examine = function* ({ stages }) {
  for (const stage of stages) {
    // Behind an absolute one a relative one is well defined.
    let isKnown = chainOf(stage).slice(1).some(({ instructions }) => instructions.some(({ keyword }) => keyword === 'WORKDIR')) || stage.base.kind === 'scratch'
    for (const { keyword, resolved, span, isTriggered } of stage.instructions) {
      if (keyword !== 'WORKDIR' || isTriggered) continue
      if (!isKnown && /^["']?[\w.]/.test(resolved) && !/^["']?[a-z]:/i.test(resolved)) yield { message: `WORKDIR ${resolved.slice(0, 100)} depends on the base image's own`, at: span }
      isKnown = true
    }
  }
}
