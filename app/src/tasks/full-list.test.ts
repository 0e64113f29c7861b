import { expect, onTestFinished, test } from 'vitest'
import type { FastifyInstance } from 'fastify'
import { openSqliteTaskStore } from '../storage/sqlite-task-store.ts'
import { addTasks, openList, startTestApp, titlesOn } from '../testing/test-app.ts'
import { startProgram } from '../testing/test-program.ts'

/** Whose lists are full with two tasks. */
async function startSmall(): Promise<FastifyInstance> {
  const store = openSqliteTaskStore(':memory:', { mostTasks: 2 })
  onTestFinished(() => store.close())
  return (await startTestApp({ store })).app
}

test('a full list refuses a task beside the field, which keeps it', async () => {
  const browser = await openList(await startSmall())
  await addTasks(browser, ['one', 'two'])
  const refused = await browser.post('/tasks', { title: 'three' })
  expect(refused.statusCode).toBe(422)
  expect(refused.body).toContain('<p class="problem" id="title-problem">Your list is full: 100,000 tasks fit on it. Delete some that you need no more, then add this one.</p>')
  expect(refused.body).toContain('value="three" aria-invalid="true"')
  expect(titlesOn(refused.body)).toEqual(['two', 'one'])
})

test('a full list is a problem of its own to programs, and takes what comes once something is deleted', async () => {
  const program = await startProgram(await startSmall())
  const add = (title: string) => program.send('POST', '/api/tasks', { body: { title } })
  const first = await add('a')
  await add('b')
  const refused = await add('c')
  expect([refused.statusCode, refused.json()]).toEqual([422, expect.objectContaining({ title: 'The list is full', type: '/api/openapi.json#/components/examples/ListFull' })])
  await program.send('DELETE', String(first.headers.location))
  expect((await add('c')).statusCode).toBe(201)
})
