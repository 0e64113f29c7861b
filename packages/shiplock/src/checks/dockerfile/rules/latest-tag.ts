import { stageImages } from '../stage-images.ts'
import type { Examine } from '../rule.ts'

export const latestTag: Examine = function* (dockerfile) {
  // Whatever the variable in its name is.
  for (const { base, from } of dockerfile.stages) if (base.kind === 'unknown' && /:latest["']?$/.test(base.written)) yield { message: `${base.written} is latest, another image each time it is published`, at: from.span }
  for (const { image, argument, at } of stageImages(dockerfile)) {
    if (image.digest !== undefined || (image.tag !== undefined && image.tag !== 'latest')) continue
    yield { message: `${image.written}${argument === undefined ? '' : `, the default of ${argument},`} ${image.tag === undefined ? 'has no tag: it is latest' : 'is latest'}, another image each time it is published`, at }
  }
}
