import { expect, test } from 'vitest'
import { ownCommand } from './own-command.ts'

test.each([
  ['by hand', {}, 'shiplock'],
  ['by npm run shiplock', { npm_lifecycle_event: 'shiplock', npm_command: 'run' }, 'npm run shiplock --'],
  ['by npm start of the clone', { npm_lifecycle_event: 'start', npm_command: 'start', npm_package_name: 'shiplock-repository' }, 'npm run shiplock --'],
  ['by npm start of another repository', { npm_lifecycle_event: 'start', npm_command: 'start', npm_package_name: 'shop' }, 'shiplock'],
  ['by npx', { npm_lifecycle_event: 'npx', npm_command: 'exec' }, 'npx shiplock'],
  ['by the launcher', { SHIPLOCK_STARTED_AS: 'node ../shiplock/launch.mjs shiplock' }, 'node ../shiplock/launch.mjs shiplock'],
  ['by the launcher in a script of npm', { npm_lifecycle_event: 'lint', npm_command: 'run', SHIPLOCK_STARTED_AS: 'node launch.mjs shiplock' }, 'shiplock'],
])('started %s, a hint names the command that works there', (_, environment, command) => {
  expect(ownCommand(environment)).toBe(command)
})
