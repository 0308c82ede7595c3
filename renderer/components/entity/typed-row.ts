/** A typed-in user or item: properties by name, as in the features JSON. */
export type TypedRow = Readonly<Record<string, unknown>>
