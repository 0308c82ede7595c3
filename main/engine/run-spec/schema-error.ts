/** What a schema finds wrong with a value, as one clear message: the path, what is wrong there, and the nearest valid key. */
import { z } from 'zod'
import { PylonError } from '../../contract/errors.ts'
import { issueText } from '../../contract/issue.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'

type Key = PropertyKey

/** What is wrong, and at which path: `user.features[2].dim`; empty: the value itself. */
export interface SchemaProblem {
  readonly place: string
  readonly message: string
}

/** The error of the first issue. `value` is what was parsed. */
export function schemaError(schema: z.ZodType, value: unknown, error: z.ZodError): PylonError {
  const [{ place, message }] = schemaProblems(schema, value, error) as [SchemaProblem]
  return new PylonError('bad-input', message, place === '' ? 'config' : place)
}

/** All that is wrong, at most one problem a place. Never empty. */
export function schemaProblems(schema: z.ZodType, value: unknown, error: z.ZodError): SchemaProblem[] {
  const problems = error.issues
    .flatMap((issue) => deepestAll(issue, []))
    .flatMap(({ path, issue }): SchemaProblem[] => {
      if (issue.code !== 'unrecognized_keys') return [{ place: dotPath(path), message: `${issueText(issue)}.` }]
      const valid = keysAt(schema, value, path)
      return issue.keys.map((key) => {
        const place = dotPath([...path, key])
        return { place, message: `${place} is no config key: ${didYouMean(key, valid)}valid here: ${valid.join(', ')}.` }
      })
    })
  return [...new Map(problems.toReversed().map((problem) => [problem.place, problem])).values()].reverse()
}

type Found = { path: Key[]; issue: z.core.$ZodIssue }

/** The issues of the alternative that came furthest, where nothing of a union fits. */
function deepestAll(issue: z.core.$ZodIssue, before: readonly Key[]): Found[] {
  const path = [...before, ...issue.path]
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ path, issue }]
  const branches = issue.errors.filter((issues) => issues.length > 0).map((issues) => issues.flatMap((inner) => deepestAll(inner, path)))
  const depth = (branch: readonly Found[]): number => branch[0]!.path.length
  return branches.reduce((best, branch) => (depth(branch) >= depth(best) ? branch : best))
}

/** `user.features[2].dim` */
export function dotPath(path: readonly Key[]): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? String(key) : `.${String(key)}`)).join('')
}

/** The keys of the object schema at `path`, its unions decided by what `value` holds there; none where there is no object. */
export function keysAt(schema: z.ZodType, value: unknown, path: readonly Key[]): string[] {
  const here = decide(schema, value)
  const [key, ...rest] = path
  if (key === undefined) return here instanceof z.ZodObject ? Object.keys(here.shape) : []
  const inner = typeof value === 'object' && value !== null ? (value as Record<Key, unknown>)[key] : undefined
  if (here instanceof z.ZodArray) return keysAt(here.element as z.ZodType, inner, rest)
  const property = here instanceof z.ZodObject ? (here.shape as Record<Key, z.ZodType | undefined>)[key] : undefined
  return property === undefined ? [] : keysAt(property, inner, rest)
}

/** Without wrappers; of a union the alternative that the value means. */
function decide(schema: z.ZodType, value: unknown): z.ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return decide(schema.unwrap() as z.ZodType, value)
  }
  if (schema instanceof z.ZodPipe) return decide(schema.out as z.ZodType, value)
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const { discriminator } = schema.def
    const options = schema.options as z.ZodObject[]
    const said = (value as Record<string, unknown> | null | undefined)?.[discriminator]
    return options.find((option) => (option.shape[discriminator] as z.ZodType).safeParse(said ?? undefined).success) ?? options[0]!
  }
  if (schema instanceof z.ZodUnion) {
    const options = (schema.options as z.ZodType[]).map((option) => decide(option, value))
    return options.find((option) => (Array.isArray(value) ? option instanceof z.ZodArray : option instanceof z.ZodObject)) ?? options[0]!
  }
  return schema
}
