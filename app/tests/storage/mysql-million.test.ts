import { expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../src/observability/log.ts'
import type { OwnerId } from '../../src/security/session.ts'
import { openMysqlTaskStore } from '../../src/storage/mysql-task-store.ts'
import { describeWithMariaDb } from '../../src/testing/mariadb.ts'

// A small log would be emptied to the disk again and again while so much is written.
const largeServer = ['--innodb-log-file-size=256M', '--innodb-buffer-pool-size=256M', '--innodb-doublewrite=0']

describeWithMariaDb('the store on a large MariaDB', (server) => {
  test('with a million tasks, of one owner and of many, a page examines no more rows than with twenty', async () => {
    const settings = await server().createDatabase(1)
    // One connection, so that its own counters say what the store did.
    const store = await openMysqlTaskStore(settings, createLog(() => {}))
    onTestFinished(() => store.close())
    const examined = async (owner: OwnerId): Promise<number[]> => {
      const counts: number[] = []
      for (const query of [
        { show: 'all', limit: 20 },
        { show: 'done', limit: 20 },
        { show: 'all', limit: 20, after: { isComplete: false, id: 500_000 } },
        { show: 'all', limit: 20, before: { isComplete: true, id: 500_000 } },
      ] as const) {
        await store.list(owner, query)
        const [before] = await server().query(handlers)
        await store.list(owner, query)
        const [after] = await server().query(handlers)
        counts.push(Number(after?.total) - Number(before?.total))
      }
      return counts
    }
    // Of the whole server, which no one else uses; the query for them reads temporary tables, which count as rnd_next.
    const handlers =
      "SELECT SUM(variable_value) AS total FROM information_schema.global_status WHERE variable_name IN ('Handler_read_key', 'Handler_read_next', 'Handler_read_prev', 'Handler_read_first', 'Handler_read_last')"

    await server().query("INSERT INTO tasks (owner, title, complete) SELECT 'few', 'x', seq % 2 FROM seq_1_to_20", settings.database)
    const few = await examined('few' as OwnerId)
    // The index is made last, sorted at once: half the time.
    await server().query(
      `ALTER TABLE tasks DROP KEY tasks_by_owner;
       INSERT INTO tasks (owner, title, complete) SELECT 'ann', 'x', seq % 2 FROM seq_1_to_600000;
       INSERT INTO tasks (owner, title, complete) SELECT CONCAT('owner ', seq % 20000), 'x', (seq DIV 20000) % 2 FROM seq_1_to_400000;
       ALTER TABLE tasks ADD KEY tasks_by_owner (owner, complete, id, title)`,
      settings.database,
    )
    for (const owner of ['few', 'ann', 'owner 7'] as OwnerId[]) {
      for (const count of await examined(owner)) expect(count).toBeLessThanOrEqual(50)
    }
    expect(few.every((count) => count > 0)).toBe(true)
  })
}, largeServer)
