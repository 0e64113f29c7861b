import type { Container } from '../resource/service.ts'
import type { Limits } from './runtime.ts'

const units: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 }

/** A quantity of Kubernetes such as `512Mi`, of which the template's check has vouched for the syntax, in bytes. */
export function bytesOf(quantity: string): number {
  const [, number = '0', unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(quantity) ?? []
  return Number(number) * (units[unit] ?? 1)
}

/** `1`, `0.5` or `500m`. */
export function cpusOf(quantity: string): number {
  return quantity.endsWith('m') ? Number(quantity.slice(0, -1)) / 1000 : Number(quantity)
}

export function limitsOf(container: Container): Limits {
  const { memory = '512Mi', cpu = '1000m' } = container.resources?.limits ?? {}
  return { memoryBytes: bytesOf(memory), cpus: cpusOf(cpu) }
}
