import type { Examine } from '../rule.ts'

export const onbuild: Examine = function* ({ instructions }) {
  for (const { keyword, argument, span } of instructions) if (keyword === 'ONBUILD') yield { message: `ONBUILD ${argument.split(/\s/, 1)[0] ?? ''} runs in each build that starts from this image`, at: span }
}
