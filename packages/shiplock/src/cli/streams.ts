import { findKnownSecrets } from '../checks/secrets/known-secrets.ts'
import { withoutCommands } from '../report/github/workflow-command.ts'
import { createMask } from '../system/masking.ts'

/** GitHub's runner reads commands in whatever a step prints, wherever it came from: a message, a tool's last words, a path. */
const forPeople = (text: string) => (process.env['GITHUB_ACTIONS'] === undefined ? text : withoutCommands(text))

/** What goes wrong before a stage begins quotes configs and arguments; a run's record is masked already. */
const mask = createMask(process.env, findKnownSecrets)

/** Text for a person on standard output. A format that a program reads is written as it is. */
export const print = (text: string): void => void process.stdout.write(`${forPeople(text)}\n`)

/** Text for a person on standard error. */
export const say = (text: string): void => void process.stderr.write(`${forPeople(mask.text(text))}\n`)
