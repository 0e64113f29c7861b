/**
 * Finds which of many short texts occur in a long one, in one pass: looking for each of them alone takes longer than all the
 * rest of this check. Letters are compared without case.
 */
export function createMarkerSearch(markers: readonly string[]): (text: string) => ReadonlySet<string> {
  const short = markers.find((marker) => marker.length < 3)
  if (short !== undefined) throw new Error(`a marker has at least three characters: ${short}`)
  const known = [...new Set(markers.map((marker) => marker.toLowerCase()))]
  // The last three characters, five bits each, in which upper and lower case are one.
  const candidates = new Map<number, string[]>()
  for (const marker of known) {
    let window = 0
    for (let at = 0; at < 3; at++) window = (window << 5) | (marker.charCodeAt(at) & 31)
    candidates.set(window, [...(candidates.get(window) ?? []), marker])
  }
  const mayBegin = new Uint8Array(1 << 15)
  for (const window of candidates.keys()) mayBegin[window] = 1
  return (text) => {
    const found = new Set<string>()
    let window = 0
    for (let at = 0; at < text.length; at++) {
      window = ((window << 5) | (text.charCodeAt(at) & 31)) & 0x7fff
      if (mayBegin[window] === 0) continue
      for (const marker of candidates.get(window) ?? []) {
        if (!found.has(marker) && text.slice(at - 2, at - 2 + marker.length).toLowerCase() === marker) found.add(marker)
      }
    }
    return found
  }
}
