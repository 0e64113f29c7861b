import { chromium, type Browser } from 'playwright-core'
import { findProgram } from '../../bench/programs.ts'

export const chromiumPath = (): string => findProgram('chromium', 'chromium')

/** As root, as in most containers, Chromium has no sandbox to put itself into. */
export const chromiumFlags = process.getuid?.() === 0 ? ['--no-sandbox'] : []

/** Debian's Chromium: nothing is downloaded. */
export const launchChromium = (): Promise<Browser> => chromium.launch({ executablePath: chromiumPath(), args: chromiumFlags })
