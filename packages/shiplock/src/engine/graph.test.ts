import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildGraph, describeGraphProblem } from './graph.ts'
import { ReadyQueue } from './ready-queue.ts'
import type { Stage } from './stage.ts'

const stage = (id: string, needs: readonly string[], expectedMs = 1): Stage => ({ id, title: id, subject: 'tree', needs, timeoutMs: 1, expectedMs, run: () => Promise.reject(new Error('not run here')) })

test('a cycle is named from stage to stage', () => {
  const graph = buildGraph([stage('a', []), stage('b', ['a', 'd']), stage('c', ['b']), stage('d', ['c'])])
  if (graph.ok) throw new Error('a cycle was accepted')
  expect(graph.failure.kind).toBe('cycle')
  expect(describeGraphProblem(graph.failure)).toMatch(/^stages wait for each other: (?:b → c → d → b|c → d → b → c|d → b → c → d)$/)
})

test('a stage that needs itself, one that is not there and one that is there twice are refused', () => {
  expect(buildGraph([stage('a', ['a'])])).toMatchObject({ failure: { kind: 'cycle', ids: ['a'] } })
  expect(buildGraph([stage('a', ['b'])])).toMatchObject({ failure: { kind: 'unknown-need', need: 'b' } })
  expect(buildGraph([stage('a', []), stage('a', [])])).toMatchObject({ failure: { kind: 'duplicate-stage' } })
})

test('what remains after a stage is its longest path to the end', () => {
  const graph = buildGraph([stage('a', [], 5), stage('b', ['a'], 7), stage('c', ['a'], 1), stage('d', ['b', 'c'], 2)])
  expect(graph.ok && Object.fromEntries(graph.value.remainingMs)).toEqual({ a: 14, b: 9, c: 3, d: 2 })
})

test('a path of 50,000 stages is no problem for the stack', () => {
  const graph = buildGraph(Array.from({ length: 50_000 }, (_, i) => stage(`s${i}`, i === 0 ? [] : [`s${i - 1}`])))
  expect(graph.ok && graph.value.remainingMs.get('s0')).toBe(50_000)
})

test('the queue hands out by priority, and in order of arrival among equals', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5)), (priorities) => {
      const queue = new ReadyQueue((id) => priorities[Number(id)]!)
      priorities.forEach((_, i) => queue.push(String(i)))
      const expected = priorities.map((priority, i) => ({ priority, i })).toSorted((a, b) => b.priority - a.priority || a.i - b.i)
      expect(priorities.map(() => queue.pop())).toEqual(expected.map(({ i }) => String(i)))
      expect(queue.pop()).toBeUndefined()
    }),
  )
})
