import type { Examine } from '../rule.ts'

export const noHealthcheck: Examine = function* ({ finalStage, finalChain, isForDevelopment }) {
  if (!finalStage || isForDevelopment) return
  const instructions = finalChain.flatMap((stage) => stage.instructions)
  // What opens no port is no service, as far as the file tells.
  const exposed = instructions.find(({ keyword, isTriggered }) => keyword === 'EXPOSE' && !isTriggered)
  if (exposed && !instructions.some(({ keyword }) => keyword === 'HEALTHCHECK')) yield { message: `a service on port ${exposed.resolved.slice(0, 40)} without HEALTHCHECK (on Cloud Run a probe serves instead)`, at: exposed.span }
}
