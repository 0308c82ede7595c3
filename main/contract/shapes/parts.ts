/** Small schemas that several shapes of the contract are made of. */
import { z } from 'zod'

/** The variant of a discriminated union: its kind, what a person reads of it, and its other properties. */
export const variant = <K extends string, S extends z.ZodRawShape>(kind: K, text: string, shape: S) =>
  z.strictObject({ kind: z.literal(kind), ...shape }).describe(text)

const MAX_SEED = 2 ** 31 - 1
export const seed = z.int().min(0).max(MAX_SEED).default(1)
/** of a model: one seed, one machine, one number of threads, one result */
export const modelSeed = seed.describe('of everything that is drawn: one seed, one machine, one number of threads, one result')

/** A property that is null unless it is set. */
export const orNull = <S extends z.ZodType>(schema: S, text: string) => schema.nullable().default(null).describe(text)
/** One of some words, the first unless another is named. */
export const choice = <const V extends readonly [string, ...string[]]>(values: V, text: string) =>
  z.enum(values).default(values[0]).describe(text)
export const flag = (text: string, otherwise = false) => z.boolean().default(otherwise).describe(text)

/** columns of numbers */
export const ints = z.instanceof(Int32Array<ArrayBufferLike>)
export const floats = z.instanceof(Float32Array<ArrayBufferLike>)
export const doubles = z.instanceof(Float64Array<ArrayBufferLike>)

/** the values that hold the true one with probability `level` */
export const interval = z.strictObject({ level: z.number(), low: z.number(), high: z.number() })
