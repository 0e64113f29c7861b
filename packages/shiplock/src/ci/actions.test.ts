import { expect, test } from 'vitest'
import { knownCommits } from '../checks/workflows/known-commits.ts'
import { actions } from './actions.ts'

test('every action of our own workflows is pinned to the commit that the check `workflows` knows its version by', () => {
  for (const { action, version, commit } of Object.values(actions)) expect(knownCommits.get(commit), action).toEqual({ repository: action.split('/').slice(0, 2).join('/'), version })
})
