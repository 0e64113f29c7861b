import { readerOf } from '../../flow/reading.ts'
import { atStore } from '../match.ts'
import { defineRule } from '../rule.ts'

const dangers: readonly (readonly [field: string, value: boolean, why: string])[] = [
  ['nodeIntegration', true, 'a page that is loaded, or a script that gets into one, can do all that Node can'],
  ['nodeIntegrationInWorker', true, 'scripts of a page can do all that Node can'],
  ['nodeIntegrationInSubFrames', true, 'pages in frames can do all that Node can'],
  ['contextIsolation', false, 'scripts of the page share their objects with the preload script and can take its powers'],
  ['webSecurity', false, 'pages may read those of every other site'],
  ['allowRunningInsecureContent', true, 'a page may load scripts over plain HTTP'],
  ['enableRemoteModule', true, 'a page can call the main process'],
]

export default defineRule({
  id: 'sast/electron-isolation',
  alias: 'SL218',
  title: 'A page in Electron that is not confined',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-1188',
  alsoCwe: ['CWE-94', 'CWE-668'],
  fix: "Keep Electron's defaults, and hand single functions to the page through `contextBridge` in a preload script",
  find: (analysis) => {
    const reader = readerOf(analysis)
    return dangers.flatMap(([field, danger, why]) => reader.storesOf(field).flatMap((store) => (!store.isJsx && reader.isAlways(danger, store.value) && !reader.read(store.value).isOpen ? [atStore(store, `\`${field}: ${danger}\`: ${why}`)] : [])))
  },
})
