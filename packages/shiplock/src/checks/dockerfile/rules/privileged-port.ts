import { lastInChain } from '../dockerfile.ts'
import type { Examine } from '../rule.ts'

export const privilegedPort: Examine = function* ({ finalStage, finalChain }) {
  const user = finalStage && lastInChain(finalStage, 'USER')
  if (!user || /^(?:root|0+)(?::|$)|\$/.test(user.resolved)) return
  const hasCapability = finalChain.some(({ instructions }) => instructions.some(({ argument }) => /cap_net_bind_service|authbind/i.test(argument)))
  if (hasCapability) return
  for (const { keyword, resolved, span } of finalChain.flatMap(({ instructions }) => instructions)) {
    if (keyword !== 'EXPOSE') continue
    const port = resolved.split(/\s+/).find((word) => Number(word.split('/', 1)[0]) < 1024 && Number(word.split('/', 1)[0]) > 0 && Number(word.split('/', 1)[0]) !== 22)
    if (port !== undefined) yield { message: `port ${port} and USER ${user.resolved.slice(0, 40)}: where the kernel keeps low ports for root it cannot be opened`, at: span }
  }
}
