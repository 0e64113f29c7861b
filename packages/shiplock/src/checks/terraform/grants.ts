import type { Module, Resource } from './module.ts'
import { elementsOf, type Field } from './view.ts'
import { fromJson } from './functions.ts'
import { referenceOf } from './value.ts'

/** Who may do what, as `google_*_iam_member`, `google_*_iam_binding` and `google_*_iam_policy` say. */
export interface Grant {
  readonly resource: Resource
  /** What the role is given on: `google_project`, `google_storage_bucket`; empty where a policy does not say. */
  readonly on: string
  readonly role: Field
  readonly members: readonly Field[]
}

const suffix = /_iam_(?:member|binding|policy)$/

export function* grantsIn(module: Module): Generator<Grant> {
  for (const resource of module.resourcesLike(/^google_\w+_iam_(?:member|binding)$/)) {
    const member = resource.find('member')
    // A list with nobody in it takes the role away.
    if (resource.find('members').raw?.kind === 'list' && resource.view.items('members').length === 0) continue
    const members = [...(member.state === 'set' ? [member] : []), ...resource.view.items('members')]
    yield { resource, on: resource.type.replace(suffix, ''), role: resource.find('role'), members }
  }
  yield* policiesIn(module)
}

/** Policies are written as data and put on resources by reference; or as JSON on the spot. */
function* policiesIn(module: Module): Generator<Grant> {
  const uses = new Map<string, Set<string>>()
  for (const resource of module.resourcesLike(/^google_\w+_iam_policy$/)) {
    const on = resource.type.replace(suffix, '')
    const written = resource.find('policy_data')
    const data: Field = written.state === 'set' ? { ...written, raw: fromJson(written.raw) ?? written.raw } : written
    const name = /^(data\.google_iam_policy\.[\w-]+)/.exec(referenceOf(data.raw) ?? '')?.[1]
    if (name !== undefined) uses.set(name, (uses.get(name) ?? new Set<string>()).add(on))
    for (const binding of elementsOf(data, 'bindings')) {
      const [role] = elementsOf(binding, 'role')
      if (role) yield { resource, on, role, members: elementsOf(binding, 'members') }
    }
  }
  for (const resource of module.resources('data.google_iam_policy'))
    for (const binding of resource.view.blocks('binding'))
      for (const on of uses.get(resource.address) ?? ['']) yield { resource, on, role: binding.find('role'), members: binding.items('members') }
}

const everyone = new Set<unknown>(['allUsers', 'allAuthenticatedUsers'])

/** The members of a grant that are everyone on the internet, or everyone with a Google account. */
export const publicMembers = ({ members }: Grant): Field[] => members.filter(({ value }) => everyone.has(value))

export const isEveryone = (value: unknown): boolean => everyone.has(value)
