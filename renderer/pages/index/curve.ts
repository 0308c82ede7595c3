/** Points of a curve by name. */
import type { CurvePoint } from '@contract/shapes/ann.ts'

/** `f32.64` */
export const keyOf = ({ scalar, expansionSearch }: Pick<CurvePoint, 'scalar' | 'expansionSearch'>): string => `${scalar}.${expansionSearch}`
