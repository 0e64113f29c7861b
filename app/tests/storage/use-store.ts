import { rmSync, writeFileSync, writeSync } from 'node:fs'
import { createLog } from '../../src/observability/log.ts'
import type { OwnerId } from '../../src/security/session.ts'
import type { DatabaseSettings } from '../../src/storage/database-settings.ts'
import { openTaskStore } from '../../src/storage/open-task-store.ts'

// A process of its own that uses a store as the service does; the tests start it, and kill it.
// Arguments: what to do, and the settings as JSON.

const [, , what, json = ''] = process.argv
const settings = JSON.parse(json) as DatabaseSettings
const owner = 'ann' as OwnerId
const store = await openTaskStore(
  settings,
  createLog((line) => void process.stderr.write(line)),
)

/** Written before anything else happens, as an answer that has left. */
const acknowledge = (line: string): void => void writeSync(1, `${line}\n`)

switch (what) {
  // Opens, adds, closes.
  case 'add-one': {
    const { id } = await store.add(owner, `by ${process.pid}`)
    acknowledge(String(id))
    await store.close()
    break
  }
  // Adds until it is killed; says each title once it is stored.
  case 'add-for-ever':
    for (let number = 0; ; number += 1) {
      const title = `${process.pid}-${number}`
      const { id } = await store.add(owner, title)
      if (number % 3 === 0) await store.change(owner, id, { isComplete: true })
      acknowledge(title)
    }
  // Adds until the disk is full, frees some, and goes on. Says what happened.
  case 'fill-disk': {
    const ballast = `${process.env.FOLDER}/ballast`
    writeFileSync(ballast, Buffer.alloc(200_000))
    let added = 0
    let refusal = ''
    while (refusal === '' && added < 100_000) {
      try {
        await store.add(owner, `task ${added}`)
        added += 1
      } catch (error) {
        refusal = (error as Error).name
      }
    }
    const { tasks } = await store.list(owner, { show: 'all', limit: 1 })
    rmSync(ballast)
    const after = await store.add(owner, 'after')
    acknowledge(JSON.stringify({ added, refusal, newestWhenFull: tasks[0]?.title, isStoredAfter: (await store.find(owner, after.id)) !== undefined }))
    await store.close()
  }
}
