import type { FlowStep } from '@shiplock/findings'

/** The way of the data with at most `most` steps; what is left out lies in the middle, where nobody looks first. */
export interface FoldedFlow {
  readonly first: readonly FlowStep[]
  readonly hidden: number
  readonly last: readonly FlowStep[]
}

/** No folding for a single step, which would take as much room as the step itself. */
export function foldFlow(flow: readonly FlowStep[], most: number): FoldedFlow {
  if (flow.length <= most + 1) return { first: flow, hidden: 0, last: [] }
  const last = Math.floor(most / 2)
  return { first: flow.slice(0, most - last), hidden: flow.length - most, last: flow.slice(flow.length - last) }
}

/** `server.ts:5`: short, since there are many. */
export const placeOfStep = ({ location: { path, startLine } }: FlowStep): string => (startLine === undefined ? path : `${path}:${startLine}`)

/** A way of one step says no more than the finding itself. */
export const hasWay = (flow: readonly FlowStep[] | undefined): flow is readonly FlowStep[] => flow !== undefined && flow.length > 1
