/** Answers about the workspace as text: the trash, backups and restores, and what `pylon doctor` found. */
import type { JobResult, VerbOutput } from '../../contract/verbs.ts'
import type { CopyReport } from '../../contract/shapes/workspace.ts'
import { csvCell } from '../../contract/csv.ts'
import { bytes, count, counted, formatTime, pairs, right, style, table } from '../table.ts'

export const workspaceViews = {
  'trash.list': ({ entries }: VerbOutput<'trash.list'>): string =>
    entries.length === 0
      ? 'The trash is empty.'
      : [
          table(
            ['entry', 'kind', 'name', 'was', right('size'), 'deleted'],
            entries.map((e) => [e.id, e.kind, e.name, e.what, bytes(e.bytes), formatTime(e.deletedAt)]),
          ),
          style('dim', 'Take one back: pylon trash restore ENTRY. Remove them for good: pylon trash empty'),
        ].join('\n\n'),

  'trash.restore': ({ kind, what, runs }: VerbOutput<'trash.restore'>): string =>
    `The ${kind} ${what} is back${runs.length === 0 ? '' : `, and ${runs.length} of its runs`}.`,

  'trash.empty': ({ removed, bytes: freed }: VerbOutput<'trash.empty'>): string =>
    `${count(removed)} ${removed === 1 ? 'entry' : 'entries'} removed, ${bytes(freed)} freed.`,

  'workspace.backup': (report: JobResult<'workspace.backup'>): string =>
    [copied(report), style('dim', `Bring it back: pylon restore ${report.out} --home NEW`)].join('\n'),

  'workspace.sql': ({ columns, rows, more, csv }: VerbOutput<'workspace.sql'>): string => {
    if (csv) return [columns, ...rows].map((cells) => cells.map(csvCell).join(',')).join('\n')
    const areNumbers = columns.map((_, i) => rows.length > 0 && rows.every((row) => row[i] === null || typeof row[i] === 'number'))
    const shown = table(
      columns.map((name, i) => (areNumbers[i] ? right(name) : name)),
      rows.map((row) => row.map((cell) => (cell === null ? '–' : String(cell)))),
    )
    return more ? `${shown}\n\n${style('dim', 'There are more rows: --limit N')}` : shown
  },

  'workspace.restore': (report: JobResult<'workspace.restore'>): string => copied(report),

  'system.doctor': (d: VerbOutput<'system.doctor'>): string => {
    const works = (ok: boolean): string => (ok ? 'works' : style('yellow', 'no'))
    return [
      pairs([
        ['pylon', d.pylon],
        ['node', d.node],
        ['platform', d.platform],
        ['cpu', `${d.cpu}, ${d.cores} cores`],
        ['memory', bytes(d.memoryBytes)],
      ]),
      ...(d.repaired === null ? [] : [repaired(d.repaired)]),
      ...(d.tidied.length === 0 ? [] : [['Moved to the trash:', ...d.tidied.map((path) => `  ${path}`)].join('\n')]),
      workspace(d),
      table(
        ['library', 'version', '', ''],
        d.libraries.map((l) => [l.name, l.version, works(l.works), l.note]),
      ),
      table(
        ['executor', '', ''],
        d.executors.map((e) => [e.name, works(e.works), e.note]),
      ),
    ].join('\n\n')
  },
}

function copied({ out, datasets, runs, files, bytes: size, leftOut, notes }: CopyReport): string {
  return [
    pairs([
      ['copied to', style('bold', out)],
      ['datasets', count(datasets)],
      ['runs', count(runs)],
      ['files', `${count(files)}, ${bytes(size)}`],
    ]),
    ...leftOut.map(({ what, reason }) => `${style('yellow', 'left out:')} ${what}, as ${reason}`),
    ...notes.map((note) => `${style('yellow', 'note:')} ${note}`),
  ].join('\n')
}

const STATES = { absent: 'not made yet', ok: 'sound', 'read-only': 'open for reading only', refused: 'cannot be opened' } as const

function workspace({ workspace: w, freeDiskBytes }: VerbOutput<'system.doctor'>): string {
  const lines = [
    pairs([
      ['workspace', `${w.home} (${bytes(freeDiskBytes)} free)`],
      [
        'state',
        w.state === 'ok' && w.problems.length === 0 ? STATES.ok : style('yellow', w.state === 'ok' ? 'see below' : STATES[w.state]),
      ],
      ...(w.state === 'ok' || w.state === 'read-only'
        ? ([
            ['holds', `${counted(w.datasets, 'datasets')}, ${counted(w.runs, 'runs')}`],
            ['trash', `${count(w.trash.entries)} entries, ${bytes(w.trash.bytes)}`],
            ['daily copies', w.backups.length === 0 ? 'none yet' : w.backups.join(', ')],
          ] as const)
        : []),
      ...w.engines.map(({ host, pid, openedAt }) => ['open by', `process ${pid} on ${host}, since ${formatTime(openedAt)}`] as const),
    ]),
    ...w.problems.map((problem) => `${style('yellow', 'problem:')} ${problem}`),
  ]
  if (w.strays.length > 0)
    lines.push(
      table(
        ['stray', 'looks like', right('size')],
        w.strays.map(({ path, what, bytes: size }) => [path, what, bytes(size)]),
      ),
      style('dim', 'No row of the database knows these. Move them to the trash: pylon doctor --tidy'),
    )
  return lines.join('\n')
}

function repaired({ base, datasets, runs, notes }: NonNullable<VerbOutput<'system.doctor'>['repaired']>): string {
  return [
    `${style('bold', 'Repaired')} from ${base}: ${counted(datasets.length, 'datasets')} and ${counted(runs.length, 'runs')} added.`,
    ...[...datasets.map((name) => `dataset ${name}`), ...runs.map((run) => `run ${run}`)].map((line) => `  ${line}`),
    ...notes.map((note) => `${style('yellow', 'note:')} ${note}`),
  ].join('\n')
}
