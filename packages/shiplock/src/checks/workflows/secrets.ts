import type { ContextPath } from './workflow.ts'

const identifier = /(?:^|_)(?:account|bucket|cluster|domain|email|host|hostname|id|name|org|organization|project|region|registry|repo|repository|server|team|url|user|username|zone)$/

/** Whether a path is a secret that is worth keeping: neither the run's own token nor, by its name, only where something is. */
export const isSecret = (path: ContextPath): boolean => path.startsWith('secrets.') && path !== 'secrets.github_token' && !identifier.test(path.slice('secrets.'.length))
