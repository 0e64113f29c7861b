/** Narrower than that is somebody's network; wider are halves and quarters of the internet, written so that it is not seen. */
const widest = { v4: 4, v6: 3 }

/** Whether a range of addresses is the whole internet, or so much of it that it may as well be. */
export function isInternet(range: unknown): boolean {
  if (typeof range !== 'string') return false
  if (range === '0.0.0.0' || range === '::') return true
  const [, address = '', bits] = /^([\d.]+|[\da-f:.]*:[\da-f:.]*)\/(\d{1,3})$/i.exec(range.trim()) ?? []
  return bits !== undefined && Number(bits) <= (address.includes(':') ? widest.v6 : widest.v4)
}
