/**
 * A look at files before they are imported: what each is, what every column is taken for, and what is wrong with them, by the same
 * rules as the import. A problem is an answer here, not an error, so that all of them are seen at once and can be corrected. Costs a
 * reading of the files (five million rows: about two seconds); interactions above `WHOLE` are judged by their first rows.
 */
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { PylonError } from '../../contract/errors.ts'
import type { KindsBefore } from '../../contract/shapes/dataset.ts'
import type { Apart, PreparationStep } from '../../contract/shapes/preparation.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { ColumnRole, FileRole, InspectedFile, FileInspection, InspectionProblem } from '../../contract/shapes/inspection.ts'
import type { ImportInput, InspectInput } from '../../contract/verbs.ts'
import { ANY_PATH, type PathGuard } from '../files/path-guard.ts'
import { columnNames, guessedRoles, idGuess, kindOption, settledColumns, withoutMissing } from './choose.ts'
import { foreseen } from './advice/advise.ts'
import { ImportContext } from './import-context.ts'
import { Duck } from '../dataset/duck.ts'
import { isLayout, planImport, type ImportPlan } from './known-layouts.ts'
import { loadInteractions, type LoadedTable } from './load-interactions.ts'
import { isPreparationAsked, keptApart, prepareInteractions, type Prepared } from './prepare.ts'
import { loadMetadata } from './metadata.ts'
import { roleColumn, type InteractionColumns } from './roles.ts'
import type { RoleGuess } from './role-guess.ts'
import { readFileHead, interactionFacts, type ColumnHead, type InteractionFacts } from './inspect-contents.ts'
import { openTable } from './parts.ts'
import { tableSource } from './said-signs.ts'
import type { LogMetadata } from './described/describe.ts'
import type { Side } from './ids.ts'
import { refuseKindsOfNobody, lookAtDescribed, withDescribed } from './inspect-described.ts'
import type { Relation, Source, SourceContext } from './relation.ts'
import { sourceContext } from './sources.ts'

/** Interactions up to this size are read whole: counted, checked row by row, their times binned. */
const WHOLE = 512 * 1024 * 1024
/** Tables without a role that are shown, to be given one. */
const MOST_UNUSED = 20

export interface InspectOptions {
  readonly input: InspectInput
  /** an empty folder to work in */
  readonly scratch: string
  readonly threads: number
  readonly kindsBefore?: KindsBefore
  /** which files may be opened; default: any */
  readonly guard?: PathGuard
}

/** Looks at the files. @throws PylonError not-found, bad-input where there is nothing to look at */
export async function* inspectFiles({ input, scratch, threads, kindsBefore, guard = ANY_PATH }: InspectOptions): Stage<FileInspection> {
  await mkdir(scratch, { recursive: true })
  const duck = await Duck.open({ threads, memoryLimit: '1GB', spillIn: scratch })
  try {
    return yield* new Inspector(sourceContext(duck, scratch, guard), threads, kindsBefore).inspect(input)
  } finally {
    await duck.close()
  }
}

/** One look: it collects problems where an import would stop. */
class Inspector {
  readonly #source: SourceContext
  readonly #duck: Duck
  readonly #threads: number
  readonly #kindsBefore: KindsBefore | undefined
  readonly #problems: InspectionProblem[] = []

  constructor(source: SourceContext, threads: number, kindsBefore: KindsBefore | undefined) {
    this.#kindsBefore = kindsBefore
    this.#source = source
    this.#duck = source.duck
    this.#threads = threads
  }

  async *inspect(asked: InspectInput): Stage<FileInspection> {
    const input: ImportInput & Pick<InspectInput, 'files'> = {
      ...asked,
      name: 'inspected',
      replace: false,
      sample: false,
      validation: 0.1,
    }
    const plan = yield* planImport(input, this.#source, (name, why, level) => this.#say(level, basename(name), why))
    if (plan.says !== undefined) this.#say('info', null, plan.says)
    if (plan.warns !== undefined) this.#say('warning', null, plan.warns)
    const options = {
      ...input,
      folder: join(this.#source.scratch, 'none'),
      threads: this.#threads,
      ...(this.#kindsBefore && { kindsBefore: this.#kindsBefore }),
      say: (level: 'info' | 'warning', text: string) => this.#say(level, null, text),
    }
    const job = new ImportContext(options, plan, this.#source, this.#source.scratch)
    const interactions = yield* this.#open(plan.interactions)
    const files: (InspectedFile | null)[] = []
    let facts: WholeFacts | null = null
    const columns = interactions === null ? null : yield* this.#interactionColumns(job, interactions)
    const given = { user: yield* this.#quietly(plan.users), item: yield* this.#quietly(plan.items) }
    let described: LogMetadata | null = null
    if (interactions !== null) {
      const test = plan.test === undefined ? null : yield* this.#open(plan.test)
      if (columns?.whole != null && interactions.file.bytes <= WHOLE)
        facts = yield* this.#readWhole(job, interactions, test, columns.whole, given)
      else if (columns?.whole != null && isPreparationAsked(job.options))
        this.#say(
          'warning',
          interactions.shown,
          'This is too large to be read whole before the import: what the steps remove is told by the import.',
        )
      if (facts !== null) described = facts.described
      else if (columns?.whole != null && interactions.file.bytes > WHOLE)
        described = yield* this.#described(job, interactions, columns.whole, given, null)
      const roles = columns?.roles ?? new Map<ColumnRole, RoleGuess>()
      const file = await this.#file('interactions', plan.interactions, interactions, roles, null, facts?.given ?? null)
      files.push(described === null ? file : { ...file, columns: file.columns.map((column) => withDescribed(column, described!)) })
      if (test !== null) {
        const rows = test.file.bytes <= WHOLE ? await this.#count(test) : null
        files.push(await this.#file('test', plan.test!, test, columns?.roles ?? new Map(), null, rows))
      }
    }
    for (const more of input.also === undefined ? [] : (plan.interactions.more ?? [])) {
      const relation = yield* this.#open({ ...more, constants: undefined })
      if (relation !== null)
        files.push({ ...(await this.#file('interactions', more, relation, columns?.roles ?? new Map(), null, null)), also: true })
    }
    const idsOf = (side: 'user' | 'item'): { relation: Relation; column: string } | null => {
      const column = columns?.roles.get(side)?.column
      return column === undefined || interactions === null ? null : { relation: interactions, column }
    }
    files.push(yield* this.#metadata(job, 'item', plan.items, idsOf('item')))
    files.push(yield* this.#metadata(job, 'user', plan.users, idsOf('user')))
    for (const path of (plan.unused ?? []).slice(0, MOST_UNUSED)) {
      const source = tableSource(path, input)
      const relation = yield* this.#open(source)
      if (relation !== null) files.push(await this.#file(null, source, relation, new Map(), null, null))
    }
    for (const text of this.#source.skipped.sentences()) this.#say('warning', null, text)
    const hasTime = columns?.roles.has('time') ?? false
    return {
      format: plan.format,
      source: sourceOf(input, plan),
      files: files.filter((file) => file !== null),
      problems: this.#problems,
      findings: facts?.findings ?? [],
      counts: facts === null ? null : { users: facts.users, items: facts.items, interactions: facts.rows },
      preparation: facts?.steps ?? [],
      apart: facts?.apart ?? null,
      hasTime,
      hasWeight: columns?.roles.has('weight') ?? false,
      events: facts?.events ?? [],
      hasOrder: hasTime || plan.sequence,
      activity: facts?.activity ?? null,
    }
  }

  /** Opens a file; null where it cannot be, which is then a problem. */
  async *#open(source: Source): Stage<Relation | null> {
    try {
      const relation = yield* openTable(source, this.#source)
      for (const note of relation.notes) this.#say('info', relation.shown, note)
      return relation
    } catch (error) {
      this.#fail(error, shownOf(source.path))
      return null
    }
  }

  /** A table that is looked at later, where its problems are told. */
  async *#quietly(source: Source | undefined): Stage<Relation | null> {
    try {
      return source === undefined ? null : yield* openTable(source, this.#source)
    } catch (error) {
      if (!(error instanceof PylonError)) throw error
      return null
    }
  }

  /** The columns by role, as far as they can be told; `whole` where the file can be read with them. */
  async *#interactionColumns(job: ImportContext, relation: Relation): Stage<{ roles: Roles; whole: InteractionColumns | null }> {
    yield { stage: `look at ${relation.shown}`, done: 0, total: null, unit: 'rows' }
    let roles: Roles = new Map()
    try {
      const guessed = await guessedRoles(job, relation)
      roles = guessed.roles
      for (const warning of guessed.warnings) this.#say('warning', relation.shown, warning)
      return { roles, whole: settledColumns(guessed, relation) }
    } catch (error) {
      const doubtful = [...roles].find(([, { confidence }]) => confidence === 'low')?.[0]
      const missing = (['user', 'item'] as const).find((role) => !roles.has(role))
      this.#fail(error, relation.shown, missing ?? doubtful ?? null)
      return { roles, whole: null }
    }
  }

  /** The interactions, and what the preparation would take away; the held-out ones are prepared with them. */
  async *#readWhole(
    job: ImportContext,
    relation: Relation,
    test: Relation | null,
    columns: InteractionColumns,
    given: Readonly<Record<Side, Relation | null>>,
  ): Stage<WholeFacts | null> {
    try {
      const isAsked = isPreparationAsked(job.options)
      const table = yield* loadInteractions(job, relation, isAsked ? test : null, columns)
      const facts = await interactionFacts(job, table)
      const prepared = isAsked ? yield* this.#preparation(job, table, relation) : { table, steps: [] }
      const apart = prepared === null ? null : await keptApart(this.#duck, prepared.table, job.options, job.plan.positives)
      const findings = await foreseen(this.#duck, { given: test !== null, ordered: job.plan.sequence || columns.time !== null, columns })
      const described = yield* this.#described(job, relation, columns, given, table)
      await this.#duck.run('DROP TABLE raw')
      return { ...facts, steps: prepared?.steps ?? [], apart, findings, described }
    } catch (error) {
      this.#fail(error, relation.shown)
      return null
    }
  }

  /** What the columns of the interactions tell of users and items; null where that cannot be told. */
  async *#described(
    job: ImportContext,
    relation: Relation,
    columns: InteractionColumns,
    given: Readonly<Record<Side, Relation | null>>,
    loaded: LoadedTable | null,
  ): Stage<LogMetadata | null> {
    try {
      const found = yield* lookAtDescribed(job, relation, columns, given, loaded)
      for (const { column, text } of found.warnings)
        this.#problems.push({ level: 'warning', file: relation.shown, column, role: null, message: text })
      try {
        refuseKindsOfNobody(job, relation, columns, given, found)
      } catch (error) {
        this.#fail(error, relation.shown)
      }
      return found
    } catch (error) {
      this.#fail(error, relation.shown)
      return null
    }
  }

  async *#preparation(job: ImportContext, table: LoadedTable, relation: Relation): Stage<Prepared | null> {
    try {
      return yield* prepareInteractions(this.#duck, table, job.options)
    } catch (error) {
      this.#fail(error, relation.shown)
      return null
    }
  }

  async #count(relation: Relation): Promise<number | null> {
    try {
      return await this.#duck.count(relation.from)
    } catch (error) {
      this.#fail(relation.explain(error), relation.shown)
      return null
    }
  }

  async *#metadata(
    job: ImportContext,
    side: 'user' | 'item',
    source: Source | undefined,
    inInteractions: { readonly relation: Relation; readonly column: string } | null,
  ): Stage<InspectedFile | null> {
    if (source === undefined) return null
    const role: FileRole = side === 'user' ? 'users' : 'items'
    const relation = yield* this.#open(source)
    if (relation === null) return null
    const roles = new Map<ColumnRole, RoleGuess>()
    try {
      const map = withoutMissing(job.map, relation)
      const names = columnNames(relation)
      const guess = await idGuess(job, side, relation, inInteractions)
      const id = guess.column
      roles.set(side === 'user' ? 'userId' : 'itemId', guess)
      const title = side === 'item' ? roleColumn('title', map, names, relation.shown) : null
      if (title !== null)
        roles.set('title', {
          column: title,
          confidence: map.title === undefined ? 'high' : 'said',
          reason: map.title === undefined ? 'its name' : '',
        })
      const { columns, rows } = yield* loadMetadata(job, side, relation, id, (column) => kindOption(job, side, column), title)
      const kinds = new Map(columns.map(({ source: column, reading }) => [column, reading] as const))
      return await this.#file(role, source, relation, roles, kinds, rows)
    } catch (error) {
      const lacksId = !roles.has(side === 'user' ? 'userId' : 'itemId')
      this.#fail(error, relation.shown, lacksId ? (side === 'user' ? 'userId' : 'itemId') : null)
      return await this.#file(role, source, relation, roles, null, null)
    }
  }

  async #file(
    role: FileRole | null,
    source: Source,
    relation: Relation,
    roles: Roles,
    kinds: ReadonlyMap<string, { readonly kind: NonNullable<InspectedFile['columns'][number]['kind']>; readonly how: string }> | null,
    rows: number | null,
  ): Promise<InspectedFile> {
    const head = await readFileHead(this.#duck, relation).catch((error: unknown) => {
      this.#fail(error, relation.shown)
      return { columns: new Map<string, ColumnHead>(), rows: 0, exact: false }
    })
    return {
      role,
      path: source.path,
      shown: relation.shown,
      reader: relation.reader,
      bytes: relation.file.bytes,
      rows: rows ?? head.rows,
      rowsExact: rows !== null || head.exact,
      named: relation.named,
      columns: columnNames(relation).map((name) => {
        const reading = kinds?.get(name)
        const found = head.columns.get(name)
        const [columnRole, guess] = [...roles].find(([, { column }]) => column === name) ?? [null, null]
        return {
          name,
          role: columnRole,
          confidence: guess?.confidence ?? null,
          reason: guess?.reason ?? '',
          kind: reading?.kind ?? null,
          how: reading?.how ?? (columnRole === 'time' ? (found?.timeLabel ?? '') : ''),
          samples: found?.samples ?? [],
          missing: found?.missing ?? 0,
        }
      }),
    }
  }

  /** An error at its place: `file:12 column "price"` names the column. A bug stays one. */
  #fail(error: unknown, file: string, role: ColumnRole | null = null): void {
    if (!(error instanceof PylonError)) throw error
    const column = /column "((?:[^"]|"(?=[^ ]))*)"$/.exec(error.place ?? '')?.[1] ?? null
    const problem: InspectionProblem = { level: 'error', file, column, role, message: error.message }
    if (!this.#problems.some(({ message }) => message === problem.message)) this.#problems.push(problem)
  }

  #say(level: 'info' | 'warning', file: string | null, message: string): void {
    this.#problems.push({ level, file, column: null, role: null, message })
  }
}

type WholeFacts = InteractionFacts & {
  readonly described: LogMetadata | null
  readonly steps: PreparationStep[]
  readonly apart: Apart | null
  readonly findings: FileInspection['findings']
}

type Roles = ReadonlyMap<ColumnRole, RoleGuess>

/** What the import is given to import the same: a layout by its folder, tables by their roles. */
function sourceOf(input: InspectInput, plan: ImportPlan): FileInspection['source'] {
  const layout = isLayout(plan.format)
  const format = layout || plan.format === 'sequence' ? plan.format : 'auto'
  if (input.path !== undefined && (layout || plan.format === 'sequence')) return { path: input.path, format }
  // metadata that the interactions hold is made again of them
  const pathOf = (role: 'users' | 'items' | 'test'): string | undefined =>
    plan[role]?.path === plan.interactions.path ? undefined : plan[role]?.path
  const [users, items, test] = [pathOf('users'), pathOf('items'), pathOf('test')]
  return {
    format,
    interactions: plan.interactions.path,
    ...(users !== undefined && { users }),
    ...(items !== undefined && { items }),
    ...(test !== undefined && { test }),
    ...(input.also !== undefined && { also: [...input.also] }),
  }
}

function shownOf(path: string): string {
  return path.slice(dirname(path).length + 1)
}
