import { createConfusables } from './confusable.ts'
import { imitated, meant } from './popular-names.ts'

const words = (text: string) => text.trim().split(/\s+/)

/** What a name could be mistaken for, by the downloads of the registry. */
export const confusionOf = createConfusables({ imitated: words(imitated), meant: new Set([...words(imitated), ...words(meant)]) })
