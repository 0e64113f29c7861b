/**
 * Filter and search, where scripts run. It hides and shows elements that are already there and writes one count; it never
 * makes markup from text. Plain JavaScript for the browser.
 */
export const script = `
'use strict'
const form = document.getElementById('filter')
if (form) {
  const count = form.querySelector('output')
  const nothing = document.getElementById('nothing')
  const places = Array.from(document.querySelectorAll('.place'), (element) => ({
    element,
    findings: Array.from(element.querySelectorAll('.finding'), (finding) => ({ element: finding, text: undefined })),
  }))
  const total = places.reduce((sum, { findings }) => sum + findings.length, 0)
  // Read at the first search only: reading two thousand texts takes longer than opening the page.
  const textOf = (finding, place) => (finding.text ??= (place.dataset.place + ' ' + finding.element.textContent).toLowerCase())

  const apply = () => {
    const data = new FormData(form)
    const words = String(data.get('text')).toLowerCase().split(/\\s+/).filter(Boolean)
    const severities = new Set(data.getAll('severity'))
    const states = new Set(data.getAll('state'))
    const check = data.get('check')
    let shown = 0
    for (const { element: place, findings } of places) {
      let shownHere = 0
      for (const finding of findings) {
        const { severity, check: own, state } = finding.element.dataset
        const matches =
          severities.has(severity) &&
          (check === '' || check === own) &&
          states.has(state) &&
          words.every((word) => textOf(finding, place).includes(word))
        finding.element.hidden = !matches
        if (matches) shownHere++
      }
      place.hidden = shownHere === 0
      shown += shownHere
    }
    nothing.hidden = shown > 0
    const all = total.toLocaleString('en') + (total === 1 ? ' finding' : ' findings')
    count.textContent = shown === total ? all : shown.toLocaleString('en') + ' of ' + all
  }

  let frame
  const soon = () => {
    cancelAnimationFrame(frame)
    frame = requestAnimationFrame(apply)
  }
  form.addEventListener('input', soon)
  form.addEventListener('submit', (event) => event.preventDefault())
  form.hidden = false
  // A browser that restores a form's fields restores what they hid.
  apply()
}
addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details')) details.open = true
})
`
