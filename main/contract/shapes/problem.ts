/**
 * What a look at files says of them, as a code and the values of its sentence, which pages say in their own language. The sentences are the
 * English ones of the engine: where one is worded anew there, it is here.
 */

/** Sentences by code. A name in braces is a value. */
export const PROBLEM_TEXTS = {
  'user-id-empty': 'This cell is empty; every interaction needs a user id. Correct the row, or leave it out with --missing-ids drop.',
  'item-id-empty': 'This cell is empty; every interaction needs an item id. Correct the row, or leave it out with --missing-ids drop.',
  'user-ids-empty':
    'This cell is empty; every interaction needs a user id. Correct such rows ({n} here: {words}), or leave them out with --missing-ids drop.',
  'item-ids-empty':
    'This cell is empty; every interaction needs an item id. Correct such rows ({n} here: {words}), or leave them out with --missing-ids drop.',
  'empty-beside-words':
    'This cell is empty; every interaction needs {what}. Correct such rows ({n} here), or leave them out with --missing-ids drop, which leaves out the words that are kept now too.',
  'id-word':
    '"{word}" is no {side} id but a word for a missing one. Correct the row, or leave it out with --missing-ids drop, or pass --missing-ids keep where it is an id.',
  'id-words':
    '"{word}" is no {side} id but a word for a missing one. Correct such rows ({n} here: {words}), or leave them out with --missing-ids drop, or pass --missing-ids keep where it is an id.',
  'cell-empty':
    'This cell is empty; every interaction needs {what}. Correct or remove the row, or leave such rows out with --bad-rows skip.',
  'no-time':
    '"{cell}" is no time ({form}); every interaction needs a time. Correct or remove the row, or leave such rows out with --bad-rows skip.',
  'no-number':
    '"{cell}" is no finite number; every interaction needs a finite weight. Correct or remove the row, or leave such rows out with --bad-rows skip.',
  'other-epoch':
    'The other times of this column are {unit} since 1970, as which {value} is {day}; as {other} it is {otherDay}. Write all times in one unit.',
  'time-unknown':
    'This is no time that is known ("{cell}"). Say how times are written with --date-format ({words}), or leave them out with --map time=none: then interactions have no order, and the split is at random.',
  'structure-times':
    'This column holds structures, which are no times. With --unroll {column} their fields are columns: then name one with --map {field}.',
  'days-undecided': 'Nothing in this column tells day from month: "{cell}" is {readings}. Say it with --date-format dmy, mdy or ymd.',
  'two-ways':
    'This column is written in two ways: "{one}" is {form} alone, "{two}" ({other}) {otherForm} alone. Write it in one, or say which with --date-format: rows of the other are then refused, or left out with --bad-rows skip.',
  'count-undecided': 'Nothing in this column tells what its numbers count: "{cell}" is {readings}. Say it with --date-format {words}.',
  'row-width':
    'This row has {fields}, the {first} has {width}; correct the row (the delimiter is taken to be {delimiter}; --delimiter says another), or leave such rows out with --bad-rows skip.',
  'role-unknown': 'Cannot tell which column is the {role}; say it with --map {option}=COLUMN. The columns are {columns}.',
  'role-doubtful':
    'Cannot tell which column is the {role}; say it with --map {option}=COLUMN. It may be "{column}" ({reason}): --map {taking} takes it. The columns are {columns}.',
  'one-column':
    'This file has one column as it is read, {column}, and interactions have a user and an item: say with --delimiter what parts its cells.',
  'open-quote':
    'The quote that opens in this row is never closed, and {n} lines behind it would be left out with it. Close it, or say --quote none where quotes are signs like any other.',
  'part-lacks': 'This file has no column "{column}", which the others have. Give it one, or say --map {role}=none.',
  'same-file': 'This file holds what {file} does, byte for byte, and its rows would count twice. Leave one out.',
  'given-twice': 'This file is given twice, and its rows would count twice. Leave one out.',
  'names-again':
    'This row repeats the names of the columns, as files put behind each other do. Correct or remove the row, or leave such rows out with --bad-rows skip.',
  'byte-unknown': 'Byte {byte} is of no encoding that is known by its bytes. Save the file as UTF-8, or say what it is with --encoding.',
  'sqlite-cut': 'This SQLite file is cut off: its last pages are missing. Copy it again.',
  'holds-lists':
    'This column holds lists, which are no ids. With --unroll {column} each entry is an interaction of its own; or name another column with --map {role}=COLUMN.',
  'holds-structure-lists':
    'This column holds lists of structures. With --unroll {column} each entry is an interaction of its own and its fields are columns: then name one with --map {field}.',
  'holds-structures':
    'This column holds structures, which are no ids. With --unroll {column} their fields are columns: then name one with --map {field}.',
  'holds-bytes': 'This column holds bytes, which are no ids; write them as text.',
  'file-empty': 'This file is empty.',
  'file-missing': 'There is no such file or folder.',
  'no-file-fits': 'No file fits this pattern.',
  'not-read': 'This is {what}, which Pylon does not read. {remedy}.',
  'not-text': 'This is neither text nor a file of a kind that Pylon reads. Write the table as CSV or Parquet.',
  'no-event': 'There is no event type "{name}"; {maybe}the types are {names}.',
  'leaves-nothing': '{step} {setting} leaves no interaction. Choose another.',
  'floating-ids': 'the {side} ids of "{column}" are floating numbers, of which 1.0 is the id 1; --float-ids keep leaves them as they are.',
  'blanks-around': 'Every {side} id begins or ends with a blank, such as {one}, and is another one without it.',
  'near-duplicates':
    "{n} {side} ids differ from another one in blanks, case or accents' spelling only, such as {one} and {other}; they are different {sides} here.",
  'row-without-id': '{n} row without {what} in "{column}" is left out ({words}).',
  'rows-without-id': '{n} rows without {what} in "{column}" are left out ({words}).',
  'words-are-ids': 'words that often stand for nothing are taken as {side} ids in "{column}": {words}.',
  'weight-not-used':
    'The column "{column}" is not used as weight: "{cell}" is no number. Every interaction counts the same; --map weight=COLUMN says another.',
  'comma-doubtful': '"{cell}" is taken as {value}, as no cell tells what its comma parts; --decimal comma reads decimals behind it.',
  comments: 'lines that begin with {sign} are taken as comments',
  encoding: 'read as {encoding}, by its bytes; --encoding says another',
  'utf-16': 'read as UTF-16',
  'first-line-above': 'the first line is above the table and not read',
  'lines-above': 'the first {n} lines are above the table and not read',
  'header-doubtful': 'the first line is taken as column names ({names}); pass --header no where it is data',
  'one-table-folders': 'read as one table, with the columns of its folders ({columns})',
  'one-table-files': 'read as one table; {columns} by the names of the files',
  'one-table': 'read as one table',
  'parts-lack': '{n} of the files lack columns that others have ({columns}), which are empty there',
  formulas: 'this sheet has formulas without a stored value (cells: {n}), which are empty here. Open it and save it, and they have one.',
  'bytes-as-text': 'the column "{column}" holds bytes that are text throughout: it is read as text',
  'uneven-lists':
    'The lists of this row are of different lengths ({lengths}), and their entries are taken in step. Correct the row, or leave entries without a partner out with --bad-rows skip.',
  'empty-list': '{n} row whose lists are empty is no interaction',
  'empty-lists': '{n} rows whose lists are empty are no interactions',
  'bytes-not-used': 'the column "{column}" holds bytes, which are no text: it is not used',
  'file-not-known': 'This file is not used: it looks like none of interactions, users, items or test.',
  'file-also':
    'This file is not used: it has the columns of {file}, and one file of interactions is taken; --also takes it with them, --test holds it out.',
  'file-not-of-layout': 'This file is not used: it is not what {layout} is imported from.',
  'file-not-used': 'This file is not used: {why}',
  'too-large': 'This is too large to be read whole before the import: what the steps remove is told by the import.',
  'layout-mind':
    'Impressions are unrolled into what was clicked, the positives, and what was shown and not clicked, which is kept apart. The history of a user is that of their first impression.',
  'layout-artist': 'An artist without an id has its name for one.',
  'layout-track': 'A track without an id has its artist and name for one.',
  'layout-books': 'A rating of 0 is a book that was taken up without a rating.',
  'layout-properties':
    'Items have the latest value of each of the {n} commonest properties: with a split by time that of before its cut, else that of the end, which may be later than a test event.',
  'layout-recommended': 'The event types are whether the game is recommended: only "true" is a positive, "false" is kept as disliked.',
  'layout-minutes': 'Each game of a library is an interaction; its weight is the minutes it was played.',
} as const
export type ProblemCode = keyof typeof PROBLEM_TEXTS

/** A message taken apart. */
export interface SaidProblem {
  readonly code: ProblemCode
  readonly values: Readonly<Record<string, string>>
  /** what stands before it, `ratings.csv:12 column "price"`; null where nothing does */
  readonly place: SaidPlace | null
}

/** A place in a file; what it does not say is empty. */
export interface SaidPlace {
  readonly file: string
  readonly line: string
  /** of what has no lines */
  readonly row: string
  readonly column: string
}

const PLACE = /^(?<file>.*?)(?::(?:row (?<row>\d+)|(?<line>\d+)))?(?: column "(?<column>.*)")?$/s

function placeOf(text: string): SaidPlace {
  const { file = '', line = '', row = '', column = '' } = PLACE.exec(text)?.groups ?? {}
  return { file, line, row, column }
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const FORMS = Object.entries(PROBLEM_TEXTS).map(([code, text]) => {
  const sentence = text
    .split(/(\{\w+\})/)
    .map((part) => (/^\{\w+\}$/.test(part) ? `(?<${part.slice(1, -1)}>.*?)` : escaped(part)))
    .join('')
  return { code: code as ProblemCode, form: new RegExp(`^(?:(?<place>[^"]*?(?: column ".*?")?): )?${sentence}$`, 's') }
})

/** A message as its code and values; null for one that no page has words for. */
export function saidProblem(message: string): SaidProblem | null {
  for (const { code, form } of FORMS) {
    const found = form.exec(message)?.groups
    if (found === undefined) continue
    const { place, ...values } = found as Record<string, string | undefined>
    return { code, values: values as Record<string, string>, place: place === undefined ? null : placeOf(place) }
  }
  return null
}
