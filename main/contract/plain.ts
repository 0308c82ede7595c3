/** Objects as JSON has them. */
export type Plain = Readonly<Record<string, unknown>>

/** Whether a value is an object with names, and no array. */
export const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value)
