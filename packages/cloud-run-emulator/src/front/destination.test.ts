import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ServiceRecord } from '../platform/record.ts'
import { destinationOf } from './destination.ts'

const service = (id: string, ...statuses: { serves: string; percent?: number; tag?: string }[]) =>
  ({ id, statuses }) as unknown as ServiceRecord
const todo = service('todo', { serves: 'todo-one', percent: 90 }, { serves: 'todo-two', percent: 10, tag: 'canary' })
const shop = service('shop', { serves: 'shop-one', percent: 100 })

test.for([
  ['127.0.0.1:8080', 'todo-one'],
  ['localhost', 'todo-one'],
  ['[::1]:8080', 'todo-one'],
  ['Todo.localhost.', 'todo-one'],
  ['shop.localhost:8080', 'shop-one'],
  ['canary---todo.localhost', 'todo-two'],
  [undefined, 'todo-one'],
] as const)('the host %s leads to %s', ([host, revision]) => {
  expect(destinationOf(host, [todo, shop], 0)).toMatchObject({ kind: host?.includes('---') === true ? 'tag' : 'split', revision })
})

test.for(['todo', 'todo.localhost.evil.test', 'evil.test', 'canary---shop.localhost', '', 'todo.localhost:8080:1', '-todo.localhost'])(
  'the host %s leads nowhere',
  (host) => {
    expect(destinationOf(host, [todo, shop], 0).kind).toBe('no-service')
  },
)

test('percents are respected over all draws', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 6 }), (weights) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      fc.pre(total > 0)
      // Whole percents that sum to 100.
      const percents = weights.map((weight) => Math.floor((weight * 100) / total))
      percents[0]! += 100 - percents.reduce((sum, percent) => sum + percent, 0)
      const split = service('s', ...percents.map((percent, index) => ({ serves: `s-${index}`, percent })))
      const drawn = percents.map(() => 0)
      for (let draw = 0; draw < 100; draw += 1) {
        const destination = destinationOf('s.localhost', [split], (draw + 0.5) / 100)
        if (destination.kind === 'split') drawn[Number(destination.revision.slice(2))]! += 1
      }
      expect(drawn).toEqual(percents)
    }),
  )
})
