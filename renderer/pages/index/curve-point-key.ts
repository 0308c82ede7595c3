/** Points of a curve by name. */
import type { AnnCurvePoint } from '@contract/shapes/ann.ts'

/** `f32.64` */
export const curvePointKey = ({ scalar, expansionSearch }: Pick<AnnCurvePoint, 'scalar' | 'expansionSearch'>): string =>
  `${scalar}.${expansionSearch}`
