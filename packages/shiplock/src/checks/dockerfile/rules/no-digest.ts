import { stageImages } from '../stage-images.ts'
import type { Examine } from '../rule.ts'

export const noDigest: Examine = function* (dockerfile) {
  for (const { image, argument, at } of stageImages(dockerfile)) {
    if (image.digest !== undefined || image.tag === undefined || image.tag === 'latest') continue
    yield { message: `${image.written}${argument === undefined ? '' : `, the default of ${argument},`} has no digest: the same commit can build on another image tomorrow`, at }
  }
}
