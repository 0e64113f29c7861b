import { operands } from '../command.ts'
import type { Examine } from '../rule.ts'

const valued = /^(?:-[rcteifdb]|--(?:requirement|constraint|target|editable|index-url|extra-index-url|find-links|trusted-host|platform|python-version|prefix|root|cache-dir|timeout|retries|proxy|cert|log|only-binary|no-binary|progress-bar|config-settings|upgrade-strategy|python))$/

export const pipUnpinned: Examine = function* ({ commands }) {
  for (const command of commands) {
    const isModule = /^python\d*(?:\.\d+)?$/.test(command.name) && command.arguments[0]?.text === '-m' && command.arguments[1]?.text === 'pip'
    if (!isModule && !/^pip\d*(?:\.\d+)?$/.test(command.name)) continue
    if (command.arguments.some(({ text }) => /^(?:-c|--constraint|--no-index)(?:=|$)/.test(text))) continue
    const words = operands(isModule ? { ...command, arguments: command.arguments.slice(2) } : command, valued)
    if (words[0]?.text !== 'install') continue
    const loose = words.slice(1).find(({ text }) => /^[A-Za-z][\w.-]*(?:\[[\w,.-]+\])?$/.test(text) && !/^(?:pip|setuptools|wheel)$/i.test(text) && !/\.(?:whl|zip|gz|txt)$|^\.|\//.test(text))
    if (loose) yield { message: `pip install ${loose.text} takes another version tomorrow`, at: command.span }
  }
}
