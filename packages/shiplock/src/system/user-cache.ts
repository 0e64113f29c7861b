import { homedir } from 'node:os'
import { join } from 'node:path'

/** A directory for what every checkout of this user needs and that can be had again. */
export const userCache = (name: string, environment: NodeJS.ProcessEnv): string => join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'shiplock', name)
