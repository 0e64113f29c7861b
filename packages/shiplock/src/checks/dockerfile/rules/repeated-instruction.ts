import type { Examine } from '../rule.ts'

export const repeatedInstruction: Examine = function* ({ stages }) {
  for (const { instructions } of stages) {
    for (const keyword of ['CMD', 'ENTRYPOINT', 'HEALTHCHECK']) {
      const all = instructions.filter((some) => some.keyword === keyword && !some.isTriggered)
      for (const { span } of all.slice(0, -1)) yield { message: `this ${keyword} does nothing: another one follows in the same stage`, at: span }
    }
  }
}
