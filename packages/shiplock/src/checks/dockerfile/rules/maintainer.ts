import type { Examine } from '../rule.ts'

export const maintainer: Examine = function* ({ instructions }) {
  for (const { keyword, span } of instructions) if (keyword === 'MAINTAINER') yield { message: 'MAINTAINER is deprecated since Docker 1.13', at: span }
}
