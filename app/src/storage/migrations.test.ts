import { expect, test } from 'vitest'
import { checksumOf, planMigrations, type AppliedStep, type Migration } from './migrations.ts'
import { mysqlMigrations } from './mysql-migrations.ts'
import { sqliteMigrations } from './sqlite-migrations.ts'

const steps: readonly Migration[] = [1, 2, 3].map((step) => ({ step, title: `step ${step}`, statements: [`CREATE TABLE t${step} (id INT)`] }))
const applied = (...some: readonly Migration[]): AppliedStep[] => some.map((migration) => ({ step: migration.step, checksum: checksumOf(migration), needs: migration.needs ?? 0 }))

test('what was not applied is pending, in order', () => {
  expect(planMigrations(steps, [])).toEqual({ pending: steps })
  expect(planMigrations(steps, applied(...steps.slice(0, 2)))).toEqual({ pending: steps.slice(2) })
  expect(planMigrations(steps, applied(...steps))).toEqual({ pending: [] })
})

test('a step that was edited after it was applied is refused, with what to do', () => {
  const edited = steps.map((step) => (step.step === 2 ? { ...step, statements: ['CREATE TABLE other (id INT)'] } : step))
  expect(() => planMigrations(edited, applied(...steps))).toThrow('Step 2 (step 2) is not the one that was applied to this database: undo the edit and add a further step')
})

test('a database that a newer revision expanded is used; one that it changed otherwise is refused', () => {
  const known = steps.slice(0, 2)
  expect(planMigrations(known, applied(...steps))).toEqual({ pending: [], newerStep: 3 })
  const contracting = { step: 3, title: 'drops what step 2 made useless', statements: ['DROP TABLE t1'], needs: 2 }
  expect(planMigrations(known, applied(...known, contracting))).toEqual({ pending: [], newerStep: 3 })
  expect(() => planMigrations(steps.slice(0, 1), applied(...known, contracting))).toThrow('deploy a newer revision')
})

// To the letter: databases remember what they were made with.
test.each([
  ['SQLite', sqliteMigrations, ['f88e1ec00eccf8cbe4d6556282496e46dcefd625f3fa8fd01103ca9f5ddd9ff2']],
  ['MySQL', mysqlMigrations, ['56367a97d1a48f3c930675f980129d3c331851419d18cc8b2473e729b76fb444']],
])('the steps of %s are counted without a gap, and those that were released are as they were', (_name, migrations, released) => {
  expect(migrations.map(({ step }) => step)).toEqual(migrations.map((_, place) => place + 1))
  expect(migrations.slice(0, released.length).map(checksumOf)).toEqual(released)
})
