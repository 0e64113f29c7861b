/**
 * How whoever reads a hint starts Shiplock again. In a clone there is no `shiplock` on PATH: npm says which script it ran,
 * and the launcher how it was started.
 */
export function ownCommand(environment: NodeJS.ProcessEnv): string {
  const { npm_lifecycle_event: script, npm_command: command, npm_package_name: name, SHIPLOCK_STARTED_AS: started } = environment
  if (command === 'exec') return 'npx shiplock'
  if (script === 'shiplock' || (script === 'start' && name === 'shiplock-repository')) return 'npm run shiplock --'
  return script === undefined && started !== undefined && started !== '' ? started : 'shiplock'
}
