import type { Rule, Severity } from '@shiplock/findings'
import type { Module, Resource } from './module.ts'
import type { Place } from './source-file.ts'
import type { Field } from './view.ts'

export interface TerraformRule extends Rule {
  /** Who recommends it and where, by the document's own number. */
  readonly recommendation: string
  /** Absent where reading the file finds it. Yields only what is sure. */
  readonly examine?: (module: Module) => Iterable<Problem>
}

/** CIS Google Cloud Platform Foundation Benchmark v3.0.0 */
export const cis = (number: string) => `CIS Google Cloud Platform Foundation Benchmark 3.0.0, ${number}`

/** CIS Google Kubernetes Engine Benchmark v1.6.0 */
export const cisGke = (title: string) => `CIS Google Kubernetes Engine Benchmark, ${title}`

export interface Problem {
  readonly message: string
  readonly place: Place
  readonly origin?: Place
  readonly isAssumed?: boolean
  readonly severity?: Severity
  /** What must not be shown again in the source line. */
  readonly secret?: string
}

/** A problem at a field: `google_sql_database_instance.main is open to the internet`. */
export const at = (field: Omit<Field, 'raw' | 'value' | 'state'>, message: string): Problem => ({
  message,
  place: field.place,
  isAssumed: field.isAssumed,
  ...(field.origin && { origin: field.origin }),
})

/** For the usual rule: one attribute of some resources, and what is wrong with it. Not called where nothing is known. */
export function eachField(types: readonly string[], path: string, judge: (field: Field, resource: Resource) => string | undefined): NonNullable<TerraformRule['examine']> {
  return function* (module) {
    for (const resource of module.resources(...types)) {
      const field = resource.find(path)
      const wrong = field.state === 'unknown' ? undefined : judge(field, resource)
      if (wrong !== undefined) yield at(field, `${resource.address} ${wrong}`)
    }
  }
}
