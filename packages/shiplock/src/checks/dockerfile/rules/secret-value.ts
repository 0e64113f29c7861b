import { findToken, findUrlPassword, isLiteralSecret, isSecretName } from '../secrets.ts'
import type { Property, Span } from '../dockerfile.ts'
import type { Examine } from '../rule.ts'

export const secretValue: Examine = function* ({ instructions }) {
  for (const { keyword, properties } of instructions) {
    if (keyword !== 'ENV' && keyword !== 'ARG') continue
    for (const property of properties) {
      const secret = secretIn(property)
      if (secret) yield { message: `${keyword} ${property.name} holds a secret: everybody who has the image can read it`, at: property.span, secret }
    }
  }
}

function secretIn({ name, value, valueSpan }: Property): Span | undefined {
  if (value === undefined || !valueSpan) return undefined
  if (findToken(value) || findUrlPassword(value)) return valueSpan
  return isSecretName(name) && isLiteralSecret(value) ? valueSpan : undefined
}
