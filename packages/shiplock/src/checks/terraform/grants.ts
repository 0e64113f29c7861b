import type { Module, Resource } from './module.ts'
import type { Field } from './view.ts'

/** Who may do what, as `google_*_iam_member`, `google_*_iam_binding` and `data.google_iam_policy` say. */
export interface Grant {
  readonly resource: Resource
  /** What the role is given on: `google_project`, `google_storage_bucket`; empty where a policy does not say. */
  readonly on: string
  readonly role: Field
  readonly members: readonly Field[]
}

const suffix = /_iam_(?:member|binding)$/

export function* grantsIn(module: Module): Generator<Grant> {
  for (const resource of module.resourcesLike(/^google_\w+_iam_(?:member|binding)$/)) {
    const member = resource.find('member')
    const members = [...(member.state === 'set' ? [member] : []), ...resource.view.items('members')]
    yield { resource, on: resource.type.replace(suffix, ''), role: resource.find('role'), members }
  }
  for (const resource of module.resources('data.google_iam_policy'))
    for (const binding of resource.view.blocks('binding')) yield { resource, on: '', role: binding.find('role'), members: binding.items('members') }
}

const everyone = new Set<unknown>(['allUsers', 'allAuthenticatedUsers'])

/** The members of a grant that are everyone on the internet, or everyone with a Google account. */
export const publicMembers = ({ members }: Grant): Field[] => members.filter(({ value }) => everyone.has(value))

export const isEveryone = (value: unknown): boolean => everyone.has(value)
