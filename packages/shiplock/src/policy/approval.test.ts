import { describe, expect, test } from 'vitest'
import { approversOf, clearingOf, clearingOfAll, type Clearing, type PullRequest, type Review, type Standing } from './approval.ts'

const head = 'a'.repeat(40)
const review = (more: Partial<Review> = {}): Review => ({ user: 'ann', isPerson: true, state: 'APPROVED', commit: head, ...more })
const approvers = (reviews: readonly Review[], more: Partial<PullRequest> = {}) => approversOf({ author: 'eve', head, writers: ['eve'], reviews, ...more })

describe('who approves', () => {
  test('is whoever approves the head', () => {
    expect(approvers([review(), review({ user: 'bob' })])).toEqual(['ann', 'bob'])
  })

  test.each([
    ['an older head', [review({ commit: 'b'.repeat(40) })]],
    ['their own change', [review({ user: 'Eve' })]],
    ['a robot', [review({ isPerson: false })]],
    ['nothing, and comments', [review({ state: 'COMMENTED' })]],
    ['nothing yet', [review({ state: 'PENDING' })]],
    ['and then asks for changes', [review(), review({ state: 'CHANGES_REQUESTED' })]],
    ['and is dismissed', [review(), review({ state: 'DISMISSED' })]],
    ['under a name in another case, and then asks for changes', [review(), review({ user: 'ANN', state: 'CHANGES_REQUESTED' })]],
  ])('is nobody who approves %s', (_, reviews) => {
    expect(approvers(reviews)).toEqual([])
  })

  test('is nobody who wrote a commit of it', () => {
    expect(approvers([review(), review({ user: 'bob' })], { writers: ['eve', 'ANN'] })).toEqual(['bob'])
  })

  test('is whoever approves again, or comments after it', () => {
    expect(approvers([review({ state: 'CHANGES_REQUESTED' }), review()])).toEqual(['ann'])
    expect(approvers([review(), review({ state: 'COMMENTED', commit: 'b'.repeat(40) })])).toEqual(['ann'])
  })
})

describe('what is cleared', () => {
  const standing = (more: Partial<Standing> = {}): Standing => ({ isInTeam: (organisation, team, user) => `${organisation}/${team} ${user}` === 'org/security ann', mayWrite: () => true, ...more })
  const clear = (owners: readonly string[], by: readonly string[] = ['ann'], more: Partial<Standing> = {}) => clearingOf('a.ts', { pattern: '*', owners, line: 3 }, by, standing(more))

  test.each([[['@ann']], [['@ANN']], [['@bob', '@ann']], [['@org/security']]])('%j: an owner approves', (owners) => {
    expect(clear(owners)).toEqual({ isCleared: true, by: 'ann', line: 3 })
  })

  test.each([
    ['nobody owns it', clearingOf('a.ts', undefined, ['ann'], standing()), 'CODEOWNERS of the branch that the change is to enter names no owner of a.ts'],
    ['its owners were taken away', clear([]), 'CODEOWNERS of the branch that the change is to enter names no owner of a.ts'],
    ['nobody approves', clear(['@ann'], []), 'none of @ann approves the head of the pull request'],
    ['somebody else approves', clear(['@bob', '@org/others']), 'ann approved, and is not known to be of @bob, @org/others with the right to write'],
    ['the owner may no longer write', clear(['@ann'], ['ann'], { mayWrite: () => false }), 'ann approved, and is not known to be of @ann with the right to write'],
    ['the team cannot be read', clear(['@org/security'], ['ann'], { isInTeam: () => 'the token needs `members: read`' }), 'ann approved, and is not known to be of @org/security with the right to write; the token needs `members: read`'],
    ['the right to write cannot be read', clear(['@ann'], ['ann'], { mayWrite: () => 'no answer' }), 'ann approved, and is not known to be of @ann with the right to write; no answer'],
    ['only an address is named', clear(['ann@example.test']), 'ann approved, and is not known to be of ann@example.test with the right to write; GitHub does not say whose address ann@example.test is'],
  ])('nothing where %s, and it says so', (_, clearing, why) => {
    expect(clearing).toEqual({ isCleared: false, why })
  })
})

test('a finding about several files is cleared where each of them is', () => {
  const cleared: Clearing = { isCleared: true, by: 'ann', line: 1 }
  const not: Clearing = { isCleared: false, why: 'nobody approves' }
  expect(clearingOfAll(['a', 'b'], new Map([['a', cleared], ['b', cleared]]))).toEqual(cleared)
  expect(clearingOfAll(['a', 'b'], new Map<string, Clearing>([['a', cleared], ['b', not]]))).toEqual(not)
  expect(clearingOfAll(['a', 'b'], new Map([['a', cleared]]))).toEqual({ isCleared: false, why: 'nobody was asked about b' })
  expect(clearingOfAll([], new Map())).toBeUndefined()
})
