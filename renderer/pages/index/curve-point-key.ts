/** The key of a point of the ANN curve: scalar type and number of candidates. */
import type { AnnCurvePoint } from '@contract/shapes/ann.ts'

/** `f32.64` */
export const curvePointKey = ({ scalar, expansionSearch }: Pick<AnnCurvePoint, 'scalar' | 'expansionSearch'>): string =>
  `${scalar}.${expansionSearch}`
