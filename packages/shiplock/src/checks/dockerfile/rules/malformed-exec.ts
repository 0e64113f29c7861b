import type { Examine } from '../rule.ts'

export const malformedExec: Examine = function* ({ instructions }) {
  for (const { keyword, argument, exec, span } of instructions) {
    const form = keyword === 'HEALTHCHECK' ? argument.replace(/^CMD\s+/i, '') : argument
    if (!/^(?:RUN|CMD|ENTRYPOINT|HEALTHCHECK|COPY|ADD|VOLUME|SHELL)$/.test(keyword) || exec || !/^\[\s*["']\S/.test(form) || !/["']\s*,?\s*\]?$/.test(form)) continue
    yield { message: `${keyword} ${form.slice(0, 100)} is no JSON array, so a shell is given the brackets too`, at: span }
  }
}
