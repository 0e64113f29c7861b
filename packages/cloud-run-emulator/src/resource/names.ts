import { randomInt } from 'node:crypto'

/** `projects/P/locations/L`. */
export interface Parent {
  readonly project: string
  readonly location: string
}

export const parentName = ({ project, location }: Parent): string => `projects/${project}/locations/${location}`
export const serviceName = (parent: Parent, service: string): string => `${parentName(parent)}/services/${service}`
export const revisionName = (parent: Parent, service: string, revision: string): string =>
  `${serviceName(parent, service)}/revisions/${revision}`
export const operationName = (parent: Parent, id: string): string => `${parentName(parent)}/operations/${id}`

/** A DNS label (RFC 1035): lower-case letters, digits and hyphens, first a letter, last no hyphen, at most 63 characters. */
export function isLabel(text: string, maxLength = 63): boolean {
  return text.length <= maxLength && /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(text)
}

/** "It must begin with letter, and cannot end with hyphen; must contain fewer than 50 characters" (CreateServiceRequest.service_id). */
export function isServiceId(text: string): boolean {
  return isLabel(text, 49)
}

// No vowels, so that no word appears by accident; as Kubernetes does for generated names.
const suffixLetters = 'bcdfghjklmnpqrstvwxz2456789'

export function randomSuffix(length: number): string {
  return Array.from({ length }, () => suffixLetters[randomInt(suffixLetters.length)]).join('')
}

/** The name of a revision that the user did not name: `SERVICE-00001-abc`, numbered from 1 for each service. */
export function generatedRevisionName(service: string, number: number): string {
  return `${service}-${String(number).padStart(5, '0')}-${randomSuffix(3)}`
}

/** The host label of a traffic tag; the whole of it is one DNS label. */
export const tagLabel = (tag: string, service: string): string => `${tag}---${service}`

const digestInReference = /@(sha256:[0-9a-f]{64})$/

/** The digest that an image reference ends in; `undefined` where it names an image by tag only. */
export function digestOfReference(reference: string): `sha256:${string}` | undefined {
  return digestInReference.exec(reference)?.[1] as `sha256:${string}` | undefined
}
