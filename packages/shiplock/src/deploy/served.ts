import type { Service } from './cloud-run.ts'

/** On a service: the revisions that had all traffic and were found good, the newest first, joined with commas. */
const servedAnnotation = 'shiplock.dev/served'
/** As far as anybody rolls back. */
const mostKept = 10

/** The revisions that this service can go back to, the newest first; what serves now is among them. */
export const servedRevisions = ({ annotations }: Service): readonly string[] => (annotations[servedAnnotation] ?? '').split(',').filter(Boolean)

/** The annotations with `revision` as what serves, before it `earlier`, and then what was there. */
export function withServed(service: Service, revision: string, earlier: readonly string[] = []): Readonly<Record<string, string>> {
  const all = [revision, ...earlier, ...servedRevisions(service)]
  return { ...service.annotations, [servedAnnotation]: all.filter((name, index) => all.indexOf(name) === index).slice(0, mostKept).join(',') }
}

/** The annotations without a revision that was not good after all. */
export function withoutServed(service: Service, revision: string): Readonly<Record<string, string>> {
  const { [servedAnnotation]: _, ...others } = service.annotations
  const left = servedRevisions(service).filter((name) => name !== revision)
  return left.length === 0 ? others : { ...others, [servedAnnotation]: left.join(',') }
}
