import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { OwnerId } from '../security/session.ts'
import type { Task } from '../tasks/task.ts'
import { parseTitle } from '../tasks/task.ts'
import { ListFullError, type Cursor, type ListQuery, type Show, type TaskStore } from '../tasks/task-store.ts'

const ann = 'ann' as OwnerId
const bob = 'bob' as OwnerId
const all: ListQuery = { show: 'all', limit: 100 }

const cursorOf = ({ isComplete, id }: Task): Cursor => ({ isComplete, id })

const titlesOf = async (store: TaskStore, owner: OwnerId, query: ListQuery = all): Promise<string[]> =>
  (await store.list(owner, query)).tasks.map(({ title }) => title)

/** The order of a list: what is to do first, each part newest first. */
const inListOrder = (first: Task, second: Task): number => Number(first.isComplete) - Number(second.isComplete) || second.id - first.id

/** The whole list, read page by page: from the front, or from the end. */
async function readAll(store: TaskStore, owner: OwnerId, show: Show, limit: number, direction: 'after' | 'before'): Promise<Task[]> {
  const read: Task[] = []
  let place: Cursor | undefined = direction === 'after' ? undefined : { isComplete: true, id: 0 }
  for (;;) {
    const { tasks, hasNext, hasPrevious } = await store.list(owner, { show, limit, ...(place && { [direction]: place }) })
    expect(tasks.length).toBeLessThanOrEqual(limit)
    if (direction === 'after') read.push(...tasks)
    else read.unshift(...tasks)
    const edge = direction === 'after' ? tasks.at(-1) : tasks[0]
    if (!(direction === 'after' ? hasNext : hasPrevious)) return read
    // A page that is said to be followed by another is full, and goes on: else reading would never end.
    expect(tasks).toHaveLength(limit)
    expect(read.length).toBeLessThanOrEqual(1_000)
    place = cursorOf(edge as Task)
  }
}

/** Titles that some store, driver or character set is known to spoil. All are ones that `parseTitle` accepts. */
const oddTitles: readonly (readonly [string, string])[] = [
  ['SQL', "'; DROP TABLE tasks; --"],
  ['placeholders and escapes', '? ?? :a @b $1 %s \\ \\0 \\\' "\' `tasks` /*! 1 */ # --'],
  ['markup', '<b>&amp;</b><script>alert(1)</script>'],
  ['an emoji of seven code points', '👩‍👩‍👧‍👦'],
  ['emoji, 200 of them', '👍'.repeat(200)],
  ['right to left', '\u202eright to left\u202c שלום مرحبا'],
  ['an accent apart from its letter', 'e\u0301'],
  ['the same accent with its letter', '\u00e9'],
  ['a width that shows nothing, at its end', 'end\u200b'],
  ['a byte order mark inside', 'a\ufeffb'],
  ['no character at all (U+FFFE, U+FFFF)', 'a\ufffe\uffffb'],
  ['the last code point', 'a\u{10ffff}'],
  ['a lone surrogate, made well', 'a\ufffdb'],
  ['what looks like a number', '007'],
  ['what looks like nothing', 'NULL'],
  ['spaces inside', 'two  spaces'],
  ['German', 'Straße'],
]

/**
 * What every task store does, as tests. `open` gives an empty store, closed by whoever gives it; it may be the same one
 * each time when it is emptied in between. `mostTasks`: how many are to fit on a list.
 */
export function testTaskStore(open: (options?: { readonly mostTasks: number }) => Promise<TaskStore>, { modelRuns }: { readonly modelRuns: number }): void {
  test('a new list is empty, and has no other page', async () => {
    expect(await (await open()).list(ann, all)).toEqual({ tasks: [], hasNext: false, hasPrevious: false })
  })

  test('what is to do is listed before what is done, each newest first', async () => {
    const store = await open()
    const first = await store.add(ann, 'first')
    expect(first).toEqual({ id: first.id, title: 'first', isComplete: false })
    const second = await store.add(ann, 'second')
    await store.add(ann, 'third')
    await store.add(ann, 'fourth')
    await store.change(ann, first.id, { isComplete: true })
    await store.change(ann, second.id, { isComplete: true })
    expect(await titlesOf(store, ann)).toEqual(['fourth', 'third', 'second', 'first'])
    expect(await titlesOf(store, ann, { show: 'active', limit: 9 })).toEqual(['fourth', 'third'])
    expect(await titlesOf(store, ann, { show: 'done', limit: 9 })).toEqual(['second', 'first'])
    await store.change(ann, second.id, { isComplete: false })
    expect(await titlesOf(store, ann)).toEqual(['fourth', 'third', 'second', 'first'])
    expect(await titlesOf(store, ann, { show: 'active', limit: 9 })).toEqual(['fourth', 'third', 'second'])
  })

  test('no more than the limit is listed, and it is said whether there are more', async () => {
    const store = await open()
    for (const title of ['a', 'b', 'c']) await store.add(ann, title)
    const exact = await store.list(ann, { show: 'all', limit: 3 })
    expect(exact).toMatchObject({ hasNext: false, hasPrevious: false })
    const { id } = await store.add(ann, 'd')
    const page = await store.list(ann, { show: 'all', limit: 3 })
    expect(page.tasks.map(({ title }) => title)).toEqual(['d', 'c', 'b'])
    expect(page).toMatchObject({ hasNext: true, hasPrevious: false })
    await store.change(ann, id, { isComplete: true })
    expect(await store.list(ann, { show: 'active', limit: 3 })).toMatchObject({ hasNext: false })
    expect(await store.list(ann, { show: 'all', limit: 3 })).toMatchObject({ hasNext: true })
  })

  test('a page goes on after a task that has since been deleted', async () => {
    const store = await open()
    for (const title of ['a', 'b', 'c', 'd']) await store.add(ann, title)
    const { tasks } = await store.list(ann, { show: 'all', limit: 2 })
    const last = tasks.at(-1) as Task
    await store.delete(ann, last.id)
    const next = await store.list(ann, { show: 'all', limit: 2, after: cursorOf(last) })
    expect(next.tasks.map(({ title }) => title)).toEqual(['b', 'a'])
    expect(next).toMatchObject({ hasNext: false, hasPrevious: true })
    const back = await store.list(ann, { show: 'all', limit: 2, before: cursorOf(next.tasks[0] as Task) })
    expect(back.tasks.map(({ title }) => title)).toEqual(['d'])
    expect(back).toMatchObject({ hasNext: true, hasPrevious: false })
  })

  test('a place before or after everything that is shown gives an empty page', async () => {
    const store = await open()
    const { id } = await store.add(ann, 'a')
    expect(await store.list(ann, { show: 'active', limit: 2, after: { isComplete: true, id } })).toMatchObject({ tasks: [], hasNext: false })
    expect(await store.list(ann, { show: 'done', limit: 2, before: { isComplete: false, id } })).toMatchObject({ tasks: [], hasPrevious: false })
    expect(await titlesOf(store, ann, { show: 'active', limit: 2, before: { isComplete: true, id: 1 } })).toEqual(['a'])
    const huge = { isComplete: false, id: Number.MAX_SAFE_INTEGER }
    expect(await titlesOf(store, ann, { show: 'all', limit: 2, after: huge })).toEqual(['a'])
    expect(await titlesOf(store, ann, { show: 'all', limit: 2, before: huge })).toEqual([])
  })

  test('a task is found by its id, and is then as it was last changed', async () => {
    const store = await open()
    const { id } = await store.add(ann, 'a')
    expect(await store.find(ann, id)).toEqual({ id, title: 'a', isComplete: false })
    expect(await store.change(ann, id, { title: 'b' })).toEqual({ id, title: 'b', isComplete: false })
    expect(await store.change(ann, id, { isComplete: true })).toEqual({ id, title: 'b', isComplete: true })
    expect(await store.change(ann, id, { title: 'c', isComplete: false })).toEqual({ id, title: 'c', isComplete: false })
    expect(await store.change(ann, id, {})).toEqual({ id, title: 'c', isComplete: false })
    expect(await store.find(ann, id)).toEqual({ id, title: 'c', isComplete: false })
  })

  test('setting what is already so is no error', async () => {
    const store = await open()
    const { id } = await store.add(ann, 'a')
    for (const change of [{ isComplete: true }, { isComplete: true, title: 'a' }, { title: 'a' }]) {
      for (let time = 0; time < 2; time += 1) expect(await store.change(ann, id, change)).toEqual({ id, title: 'a', isComplete: true })
    }
    expect(await store.clearCompleted(ann)).toBe(1)
    expect(await store.clearCompleted(ann)).toBe(0)
    expect(await store.change(ann, id, { isComplete: true })).toBeUndefined()
  })

  test("another owner's tasks are neither seen nor changed", async () => {
    const store = await open()
    const { id } = await store.add(ann, 'private')
    await store.change(ann, id, { isComplete: true })
    // Owners that a comparison without regard to case, or to spaces at the end, would take for Ann.
    for (const other of [bob, 'ANN', 'ann ', 'änn', 'ann\0', ''] as OwnerId[]) {
      expect(await titlesOf(store, other)).toEqual([])
      expect(await store.find(other, id)).toBeUndefined()
      expect(await store.change(other, id, { title: 'mine', isComplete: false })).toBeUndefined()
      expect(await store.change(other, id, {})).toBeUndefined()
      expect(await store.delete(other, id)).toBe(false)
      expect(await store.clearCompleted(other)).toBe(0)
    }
    expect(await store.find(ann, id)).toEqual({ id, title: 'private', isComplete: true })
  })

  test('among many owners each sees its own', async () => {
    const store = await open()
    const owners = Array.from({ length: 40 }, (_, number) => `owner ${number}` as OwnerId)
    for (const round of ['one', 'two']) await Promise.all(owners.map((owner) => store.add(owner, `${round} of ${owner}`)))
    for (const owner of owners) expect(await titlesOf(store, owner)).toEqual([`two of ${owner}`, `one of ${owner}`])
  })

  test.each([0, -1, 999_999_999, 2 ** 31, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER])('%d is the id of no task', async (id) => {
    const store = await open()
    const { id: real } = await store.add(ann, 'a')
    expect(real).not.toBe(id)
    expect(await store.find(ann, id)).toBeUndefined()
    expect(await store.change(ann, id, { title: 'b' })).toBeUndefined()
    expect(await store.delete(ann, id)).toBe(false)
    expect(await titlesOf(store, ann)).toEqual(['a'])
  })

  test('a deleted task is gone, and its id is not given again', async () => {
    const store = await open()
    const { id } = await store.add(ann, 'a')
    expect(await store.delete(ann, id)).toBe(true)
    expect(await store.delete(ann, id)).toBe(false)
    expect(await store.find(ann, id)).toBeUndefined()
    expect((await store.add(ann, 'b')).id).toBeGreaterThan(id)
  })

  test('a full list takes no more until something is deleted, and is else as any other', async () => {
    const store = await open({ mostTasks: 3 })
    const [first, second] = [await store.add(ann, 'a'), await store.add(ann, 'b')]
    await store.change(ann, first.id, { isComplete: true })
    await store.add(ann, 'c')
    for (let time = 0; time < 2; time += 1) await expect(store.add(ann, 'd')).rejects.toBeInstanceOf(ListFullError)
    // Others are not held up, not even in the same moment.
    const results = await Promise.allSettled([store.add(bob, 'a'), store.add(ann, 'd'), store.add(bob, 'b')])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await titlesOf(store, ann)).toEqual(['c', 'b', 'a'])
    expect(await store.change(ann, second.id, { title: 'e' })).toMatchObject({ title: 'e' })
    await store.delete(ann, first.id)
    await store.add(ann, 'd')
    await expect(store.add(ann, 'f')).rejects.toBeInstanceOf(ListFullError)
    expect(await titlesOf(store, ann)).toEqual(['d', 'c', 'e'])
  })

  test('a long list is looked at now and then, and ends where it should or soon after', async () => {
    const store = await open({ mostTasks: 2_500 })
    let added = 0
    const addUntilFull = async (): Promise<void> => {
      for (;;) {
        await store.add(ann, 'a')
        added += 1
        if (added > 3_000) return
      }
    }
    await expect(addUntilFull()).rejects.toBeInstanceOf(ListFullError)
    expect(added).toBeGreaterThanOrEqual(2_500)
    expect(added).toBeLessThanOrEqual(2_525)
  })

  test('clearing deletes what is done, of one owner, however much, and says how much', async () => {
    const store = await open()
    const left = await store.add(ann, 'left')
    // As many at once as may wait for a connection.
    for (let added = 0; added < 1203; added += 200) {
      const done = await Promise.all(Array.from({ length: Math.min(200, 1203 - added) }, () => store.add(ann, 'done')))
      await Promise.all(done.map(({ id }) => store.change(ann, id, { isComplete: true })))
    }
    const { id } = await store.add(bob, 'done by Bob')
    await store.change(bob, id, { isComplete: true })
    expect(await store.clearCompleted(ann)).toBe(1203)
    expect((await store.list(ann, all)).tasks).toEqual([left])
    expect(await titlesOf(store, bob)).toEqual(['done by Bob'])
  })

  test.each(oddTitles)('a title with %s is kept to the letter', async (_what, title) => {
    expect(parseTitle(title)).toEqual({ ok: true, title })
    const store = await open()
    const added = await store.add(ann, title)
    expect(added.title).toBe(title)
    expect((await store.find(ann, added.id))?.title).toBe(title)
    expect(await titlesOf(store, ann)).toEqual([title])
    const other = await store.add(ann, 'other')
    expect((await store.change(ann, other.id, { title }))?.title).toBe(title)
    expect(await titlesOf(store, ann)).toEqual([title, title])
  })

  test('after any operations in any order, a store holds what an array would, and is paged alike from both ends', async () => {
    const store = await open()
    let run = 0
    const operation = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('add' as const), title: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }) }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('complete' as const), which: fc.nat(), to: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('retitle' as const), which: fc.nat(), title: fc.string({ minLength: 1, maxLength: 20 }) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), which: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
    )
    const steps = fc.array(fc.tuple(fc.nat({ max: 1 }), operation), { maxLength: 40 })
    const property = fc.asyncProperty(steps, fc.integer({ min: 1, max: 7 }), async (taken, limit) => {
      run += 1
      const owners = [`ann ${run}`, `bob ${run}`] as OwnerId[]
      const models: Task[][] = [[], []]
      const pick = (model: Task[], which: number): number => (model.length === 0 ? -1 : which % model.length)
      for (const [number, step] of taken) {
        const owner = owners[number] as OwnerId
        const model = models[number] as Task[]
        if (step.do === 'add') model.push(await store.add(owner, step.title))
        else if (step.do === 'clear') {
          const left = model.filter(({ isComplete }) => !isComplete)
          expect(await store.clearCompleted(owner)).toBe(model.length - left.length)
          model.splice(0, model.length, ...left)
        } else {
          const place = pick(model, step.which)
          const task = model[place]
          if (task === undefined) continue
          if (step.do === 'delete') {
            expect(await store.delete(owner, task.id)).toBe(true)
            model.splice(place, 1)
          } else {
            const change = step.do === 'complete' ? { isComplete: step.to } : { title: step.title }
            model[place] = { ...task, ...change }
            expect(await store.change(owner, task.id, change)).toEqual(model[place])
          }
        }
      }
      for (const [number, owner] of owners.entries()) {
        const whole = (models[number] as Task[]).toSorted(inListOrder)
        for (const show of ['all', 'active', 'done'] as const) {
          const expected = whole.filter(({ isComplete }) => show === 'all' || isComplete === (show === 'done'))
          expect(await readAll(store, owner, show, limit, 'after')).toEqual(expected)
          expect(await readAll(store, owner, show, limit, 'before')).toEqual(expected)
        }
      }
    })
    await fc.assert(property, { numRuns: modelRuns })
  })

  test('the pool has no more connections than it may, and none in use at rest', async () => {
    const store = await open()
    await Promise.all(Array.from({ length: 50 }, (_, number) => store.add(ann, `${number}`)))
    const { limit, open: opened, inUse, waiting } = store.poolUse()
    expect(opened).toBeGreaterThanOrEqual(1)
    expect(opened).toBeLessThanOrEqual(limit)
    expect({ inUse, waiting }).toEqual({ inUse: 0, waiting: 0 })
    await store.check()
  })
}
