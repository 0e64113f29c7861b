import type { Examine } from '../rule.ts'

export const sudo: Examine = function* ({ commands, isForDevelopment }) {
  if (isForDevelopment) return
  for (const { startedBy, name, span } of commands) if (startedBy.includes('sudo')) yield { message: `sudo runs ${name}: USER says who a command runs as`, at: span }
}
