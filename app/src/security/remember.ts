/**
 * Remembers the newest `most` answers of a function that answers the same each time, the oldest going first; `undefined` is no
 * answer, and asked for again. An HMAC and what leads to it cost more than the rest of a request, and the same browsers come
 * again and again.
 */
export function remember<Question, Answer>(most: number, answer: (question: Question) => Answer): (question: Question) => Answer {
  const known = new Map<Question, Answer>()
  return (question) => {
    const old = known.get(question)
    if (old !== undefined) return old
    const found = answer(question)
    if (found === undefined) return found
    const [oldest] = known.size >= most ? known.keys() : []
    if (oldest !== undefined) known.delete(oldest)
    known.set(question, found)
    return found
  }
}
