/** A time in UTC as a person reads it; without the clock where it is midnight, as dates are stored. */
export function formatTime(seconds: number): string {
  const iso = new Date(seconds * 1000).toISOString()
  return seconds % 86_400 === 0 ? iso.slice(0, 10) : iso.slice(0, 16).replace('T', ' ')
}
