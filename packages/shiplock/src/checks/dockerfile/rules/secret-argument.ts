import { isSecretName } from '../secrets.ts'
import { variablesIn } from '../variables.ts'
import type { Dockerfile } from '../dockerfile.ts'
import type { Examine } from '../rule.ts'

export const secretArgument: Examine = function* ({ instructions }) {
  for (const { keyword, properties } of instructions) {
    for (const { name, value, span } of properties) {
      if (!isSecretName(name)) continue
      if (keyword === 'ARG' && (value === undefined || value === '')) yield { message: `ARG ${name}: what is passed for it stays in the image's history, the build cache and the provenance`, at: span }
      const from = keyword === 'ENV' && value !== undefined ? variablesIn(value)[0] : undefined
      if (from !== undefined && isArgument(from, instructions)) yield { message: `ENV ${name} keeps the build argument ${from} in the image`, at: span, severity: 'high' }
    }
  }
}

const isArgument = (name: string, instructions: Dockerfile['instructions']) => instructions.some(({ keyword, properties }) => keyword === 'ARG' && properties.some((property) => property.name === name))
