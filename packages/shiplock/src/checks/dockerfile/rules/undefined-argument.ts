import type { Examine } from '../rule.ts'
import { variablesIn } from '../variables.ts'

const predefined = /^(?:(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT|OSVERSION)|https?_proxy|ftp_proxy|no_proxy|all_proxy)$/i

export const undefinedArgument: Examine = function* ({ instructions, stages }) {
  const declared = new Set(instructions.flatMap(({ stage, properties }) => (stage ? [] : properties.map(({ name }) => name))))
  for (const { from } of stages) {
    const missing = variablesIn(from.argument).find((name) => !declared.has(name) && !predefined.test(name) && !new RegExp(`\\$\\{${name}:?-`).test(from.argument))
    if (missing !== undefined) yield { message: `no ARG above the first FROM declares ${missing}: it is empty here`, at: from.span }
  }
}
