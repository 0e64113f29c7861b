import { rootBase } from '../dockerfile.ts'
import { isDistrolessNode, isNodeImage } from '../image-reference.ts'
import { nodeEnvironment, startWords } from '../package-managers.ts'
import type { Examine } from '../rule.ts'

export const nodeEnv: Examine = function* ({ finalStage, finalChain, isForDevelopment }) {
  if (!finalStage || isForDevelopment) return
  const base = rootBase(finalStage)
  if (base.kind !== 'image' || !(isNodeImage(base.image) || isDistrolessNode(base.image))) return
  const words = startWords(finalChain)
  // A script of package.json may set it, and is not seen here.
  if (!isDistrolessNode(base.image) && !words?.some((word) => /^(?:.*\/)?node$/.test(word))) return
  if (words?.some((word) => /NODE_ENV=|(?:^|:)dev(?:$|:)|nodemon|^test$/.test(word))) return
  const environment = nodeEnvironment(finalStage)
  if (environment === 'production' || environment?.includes('$')) return
  yield { message: environment === undefined ? 'the last stage does not set NODE_ENV' : `the last stage sets NODE_ENV to ${environment.slice(0, 40)}`, at: finalStage.from.span }
}
