/** Every kind of bad input gets one message that names file, line and column, and says what to do. */
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { importInput } from '../../../main/contract/verbs/datasets.ts'
import { importDataset } from '../../../main/engine/import/import.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { failure, filesIn } from './imported.ts'

const good = 'user,item,time\na,x,1\na,y,2\nb,x,3\n'
const table = { interactions: 'i.csv' }
const withItems = { interactions: 'i.csv', items: 'items.csv' }
const items = (csv: string): Record<string, string> => ({ 'i.csv': good, 'items.csv': csv })

test('what is wrong with files and columns', async () => {
  const messages = {
    missing: await failure({}, table),
    'missing folder': await failure({}, { path: 'nowhere' }),
    'folder without a table': await failure({ 'readme.md': good }, { path: '.' }),
    empty: await failure({ 'i.csv': '' }, table),
    'header only': await failure({ 'i.csv': 'user,item,time\n' }, table),
    'no user': await failure({ 'i.csv': 'who,item\na,x\n' }, table),
    'wrong column': await failure({ 'i.csv': good }, { ...table, map: 'user=usr' }),
    'wrong role': await failure({ 'i.csv': good }, { ...table, map: 'itm=item' }),
    'no pair': await failure({ 'i.csv': good }, { ...table, map: 'user' }),
    'unknown kind': await failure(items('id,price\nx,1\n'), { ...withItems, kinds: 'price=money' }),
    'kind of no column': await failure(items('id,price\nx,1\n'), { ...withItems, kinds: 'items.prize=number' }),
    'bad split': await failure({ 'i.csv': good }, { ...table, split: 'last' }),
    'split without times': await failure({ 'i.csv': 'user,item\na,x\n' }, { ...table, split: 'leave-last' }),
    'cut outside': await failure({ 'i.csv': good }, { ...table, split: 'time:2020-01-01' }),
    'given without test': await failure({ 'i.csv': good }, { ...table, split: 'given' }),
    'test file without the columns': await failure({ 'i.csv': good, 't.csv': 'user,thing\na,x\n' }, { ...table, test: 't.csv' }),
  }
  expect(messages).toMatchInlineSnapshot(`
    {
      "bad split": "bad-input --split: There is no split "last"; the splits are leave-last, time:DATE, random:FRACTION and given.",
      "cut outside": "bad-input --split: Nothing lies at or after 2020-01-01; the interactions are from 1970-01-01T00:00:01.000Z to 1970-01-01T00:00:03.000Z. Choose a date within.",
      "empty": "bad-data DIR/i.csv: This file is empty.",
      "folder without a table": "bad-input DIR: There is no file in this folder that can be a table. Choose another.",
      "given without test": "bad-input --split: The split "given" needs a test file: pass --test, or a folder with one.",
      "header only": "bad-data i.csv: There are no interactions in this file.",
      "kind of no column": "bad-input items.csv (--kinds): There is no column "prize"; did you mean "price"? the columns are id, price.",
      "missing": "not-found DIR/i.csv: There is no such file or folder.",
      "missing folder": "not-found DIR/nowhere: There is no such file or folder.",
      "no pair": "bad-input --map: "user" is not role=COLUMN.",
      "no user": "bad-input i.csv column "who": Cannot tell which column is the user; say it with --map user=COLUMN. It may be "who" (the column that is left, but none of its values comes back): --map user=who takes it. The columns are who, item.",
      "split without times": "bad-input --split: The split "leave-last" needs to know the order of interactions: name a time column with --map time=COLUMN, or use random:0.2.",
      "test file without the columns": "bad-input t.csv (--test): There is no column "item"; the columns are user, thing.",
      "unknown kind": "bad-input --kinds: There is no kind "money"; the kinds are id, category, tags, number, text, latitude, longitude, time, vector, ignore.",
      "wrong column": "bad-input i.csv (--map user=): There is no column "usr"; did you mean "user"? the columns are user, item, time.",
      "wrong role": "bad-input --map: There is no role "itm"; did you mean "item"? the roles are user, item, time, weight, event, userId, itemId, title.",
    }
  `)
})

test('what is wrong with rows and cells', async () => {
  const messages = {
    'short row': await failure({ 'i.csv': 'user,item,time\na,x,1\n\nb,"x\ny",2\nc,z\n' }, table),
    'long row': await failure({ 'i.csv': 'user,item,time\na,x,1\nb,y,2,3\n' }, table),
    'unclosed quote': await failure({ 'i.csv': 'user,item,time\na,x,1\nb,"y,2\nc,z,3\n' }, table),
    'text after a quote': await failure({ 'i.csv': 'user,item,time\na,x,1\nb,"y"z,2\n' }, table),
    'empty id': await failure({ 'i.csv': 'user,item,time\na,x,1\nb,,2\n' }, table),
    'bad date': await failure({ 'i.csv': 'user,item,date\na,x,2024-01-31\nb,"y\n\n",2024-02-01\nb,y,2024-02-30\n' }, table),
    'bad epoch': await failure({ 'i.csv': 'user,item,time\na,x,1700000000\nb,y,soon\n' }, { ...table, map: 'time=time' }),
    'bad weight': await failure({ 'i.csv': 'user,item,rating\na,x,1\nb,y,NaN\n' }, { ...table, map: 'weight=rating' }),
    'bad UTF-8': await failure(
      { 'i.csv': Buffer.concat([Buffer.from('user,item,time\nä,ö,1\nü,'), Buffer.from([0xff]), Buffer.from(',2\n')]) },
      table,
    ),
    'two items with one id': await failure(items('id,price\nx,1\n"y\nz",2\nx,3\n'), withItems),
    'item without id': await failure(items('id,price\nx,1\n,2\n'), withItems),
    'said number': await failure(items('id,price\nx,$1\ny,cheap\n'), { ...withItems, kinds: 'price=number' }),
    'said time': await failure(items('id,born\nx,2001-01-01\ny,2001-13-01\n'), { ...withItems, kinds: 'born=time' }),
    latitude: await failure(items('id,lat\nx,10\ny,95\n'), { ...withItems, kinds: 'lat=latitude' }),
    'ragged vectors': await failure(items('id,v\nx,"[0.5, 1]"\ny,"[0.5, 1]"\nz,"[1, 2, 3]"\n'), withItems),
    'NaN in a vector': await failure(items('id,v\nx,"[0.5, 1]"\ny,"[0.5, NaN]"\n'), withItems),
    'broken JSON': await failure({ 'i.jsonl': '{"user":"a","item":"x"}\n{"user":"b","item":}\n' }, { interactions: 'i.jsonl' }),
    'no JSON id': await failure({ 'i.jsonl': '{"user":"a","item":"x"}\n\n{"user":"b"}\n' }, { interactions: 'i.jsonl' }),
    'no Parquet': await failure({ 'i.parquet': 'not parquet' }, { interactions: 'i.parquet' }),
    'no SQLite': await failure({ 'i.sqlite': 'not sqlite, but long enough to have a header' }, { interactions: 'i.sqlite#t' }),
    'no gzip': await failure({ 'i.csv.gz': 'not gzip' }, { interactions: 'i.csv.gz' }),
  }
  expect(messages).toMatchInlineSnapshot(`
    {
      "NaN in a vector": "bad-data items.csv:3 column "v": Number 2 of this vector is not finite (NaN, infinite or no number). Correct or empty the cell, or leave the column out with --kinds v=ignore.",
      "bad UTF-8": "bad-data DIR/i.csv:3: Byte 0xff is no valid UTF-8 here. Save it again as UTF-8; --encoding latin-1 reads every byte as it is.",
      "bad date": "bad-data i.csv:6 column "date": "2024-02-30" is no time (ISO date); every interaction needs a time. Correct or remove the row, or leave such rows out with --bad-rows skip.",
      "bad epoch": "bad-data i.csv:3 column "time": "soon" is no time (epoch seconds); every interaction needs a time. Correct or remove the row, or leave such rows out with --bad-rows skip.",
      "bad weight": "bad-data i.csv:3 column "rating": "NaN" is no finite number; every interaction needs a finite weight. Correct or remove the row, or leave such rows out with --bad-rows skip.",
      "broken JSON": "bad-data i.jsonl:2: This line is no JSON object: Unexpected token '}', "{"user":"b","item":}" is not valid JSON. Write one object a line, or leave such lines out with --bad-rows skip.",
      "empty id": "bad-data i.csv:3 column "item": This cell is empty; every interaction needs an item id. Correct the row, or leave it out with --missing-ids drop.",
      "item without id": "bad-data items.csv:3 column "id": This cell is empty; every row of metadata needs an item id. Correct the row, or leave it out with --missing-ids drop.",
      "latitude": "bad-data items.csv:3 column "lat": 95 is no latitude: it must lie within ±90 degrees.",
      "long row": "bad-data i.csv:3: This row has 4 fields, the header has 3; correct the row (the delimiter is taken to be ","; --delimiter says another), or leave such rows out with --bad-rows skip.",
      "no JSON id": "bad-data i.jsonl:3 column "item": This cell is empty; every interaction needs an item id. Correct the row, or leave it out with --missing-ids drop.",
      "no Parquet": "bad-data DIR/i.parquet: This file is called .parquet, but does not begin as such a file does; is it complete?",
      "no SQLite": "bad-data DIR/i.sqlite: This file is called .sqlite, but does not begin as such a file does; is it complete?",
      "no gzip": "bad-data DIR/i.csv.gz: This file is called .gz, but does not begin as such a file does; is it complete?",
      "ragged vectors": "bad-data items.csv:4 column "v": This vector has 3 numbers, the others have 2. Correct or empty the cell, or leave the column out with --kinds v=ignore.",
      "said number": "bad-data items.csv:3 column "price": "cheap" is no number. Correct the cell, or choose another kind with --kinds price=text.",
      "said time": "bad-data items.csv:3 column "born": "2001-13-01" is no time (ISO date). Correct the cell, or choose another kind with --kinds born=text.",
      "short row": "bad-data i.csv:6: This row has 2 fields, the header has 3; correct the row (the delimiter is taken to be ","; --delimiter says another), or leave such rows out with --bad-rows skip.",
      "text after a quote": "bad-data i.csv:3: There is text behind a closing quote in this row; correct the row (the delimiter is taken to be ","; --delimiter says another), or leave such rows out with --bad-rows skip.",
      "two items with one id": "bad-data items.csv:5 column "id": Two items have the id "x": the other is at items.csv:2. Keep one row an id.",
      "unclosed quote": "bad-data i.csv:3: A quote that opens in this row is never closed; correct the row (the delimiter is taken to be ","; --delimiter says another), or leave such rows out with --bad-rows skip.",
    }
  `)
})

test('a failed or stopped import leaves nothing, and a name that is taken is refused', async () => {
  const folder = await filesIn({ 'i.csv': good, 'bad.csv': 'user,item,time\na,x,1\nb,y\n' })
  const out = join(await temporaryFolder(), 'datasets', 'd')
  const start = (file: string): ReturnType<typeof importDataset> =>
    importDataset({ ...importInput.parse({ name: 'd', interactions: join(folder, file) }), folder: out, say: () => {}, threads: 1 })
  const drain = async (stage: ReturnType<typeof importDataset>): Promise<void> => {
    while ((await stage.next()).done !== true);
  }
  await expect(drain(start('bad.csv'))).rejects.toThrow('bad.csv:3')
  expect(await readdir(dirname(out))).toEqual([])
  const stopped = start('i.csv')
  await stopped.next()
  await stopped.next()
  await stopped.return(undefined as never)
  expect(await readdir(dirname(out))).toEqual([])
  await drain(start('i.csv'))
  expect(await readdir(dirname(out))).toEqual(['d'])
  await expect(drain(start('i.csv'))).rejects.toMatchObject({ code: 'conflict' })
})
