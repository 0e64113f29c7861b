import { rootBase } from '../dockerfile.ts'
import { isNodeImage, withoutDigest } from '../image-reference.ts'
import { startWords } from '../package-managers.ts'
import type { Examine } from '../rule.ts'

export const packageManager: Examine = function* ({ finalStage, finalChain, isForDevelopment }) {
  if (!finalStage || isForDevelopment) return
  const base = rootBase(finalStage)
  if (base.kind !== 'image' || !isNodeImage(base.image)) return
  const words = startWords(finalChain)
  if (words?.[0] !== 'node' && words?.[0] !== '/usr/local/bin/node') return
  // What installs packages of the distribution, or calls a script, needs more than Node.
  const commands = finalChain.flatMap(({ instructions }) => instructions.flatMap((some) => some.commands))
  if (commands.some(({ name, arguments: texts }) => /^(?:apk|apt|apt-get|yum|dnf)$/.test(name) || (name === 'rm' && texts.some(({ text }) => /node_modules\/npm\b/.test(text))))) return
  yield { message: `the image starts node alone, and ${withoutDigest(base.image)} brings a shell, npm and a distribution's package manager with it`, at: finalStage.from.span }
}
