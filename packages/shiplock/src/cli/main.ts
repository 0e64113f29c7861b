import { version } from './version.ts'

// `--version` and `--help` answer before anything heavy is loaded.
const [first] = process.argv.slice(2)
if (first === '--version' || first === '-V') process.stdout.write(`${version}\n`)
else {
  const { runCommandLine } = await import('./command-line.ts')
  await runCommandLine(process.argv.slice(2))
}
