import { version } from './version.ts'

// Who reads the output may have had enough of it, as `head` has. What was found, and the exit code, stay as they are.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })

// `--version` and `--help` answer before anything heavy is loaded.
const [first] = process.argv.slice(2)
if (first === '--version' || first === '-V') process.stdout.write(`${version}\n`)
else {
  const { runCommandLine } = await import('./command-line.ts')
  await runCommandLine(process.argv.slice(2))
}
