/** What an import says of tables, columns, rows and splits, in Chinese, by the engine's templates: {} is a value there and {0} here, {0!} where it is a word. */
export const importSentences = {
  'look for leaks': '检查泄漏',
  '{} items for near-duplicates': '{0} 个物品的近似重复',
  'Dataset {} does not say how it was imported: it was generated, carried by a bundle, or made by an older version.':
    '数据集 {0} 没有说明它是如何导入的：它是生成的、随模型包而来，或由旧版本制作。',
  'Append to the files of the dataset, or import others: give one of them.': '或者向数据集的文件追加，或者导入其他文件：请只给一种。',
  'Say which files: --append FILE, or --path for others.': '请说明要哪些文件：追加的文件，或其他文件。',
  '{}, from which {} was imported, is {}: put it back, or import all files anew with --path.':
    '导入 {1} 时所用的 {0} {2!}：请放回原处，或重新导入全部文件。',
  'another by now': '已变成另一个文件',
  'not there any more': '已不在原处',
  ', or say --map {}=none': '，或用 --map {0}=none',
  'This file has no column "{}", which the others have. Give it one{}.': '此文件没有其他文件都有的列“{0}”。请补上{1}。',
  'This cell is empty; every interaction needs {}. {}.': '此格为空；每次交互都需要{0!}。{1}。',
  'This row repeats the names of the columns, as files put behind each other do. {}.': '此行重复了列名，像是把几个文件接在一起。{0}。',
  '"{}" is no {}': '“{0}”不是{1!}',
  '--float-ids keep takes floating ids as they are written.': '--float-ids keep 则按原样读取浮点标识。',
  '{}; every interaction needs {}. {}.{}': '{0!}；每次交互都需要{1!}。{2}。{3}',
  'Correct or remove the row, or leave such rows out with --bad-rows skip': '请改正或删除该行，或用 --bad-rows skip 略去这类行',
  'The other times of this column are {} since 1970, as which {} is {}; as {} it is {}. Write all times in one unit.':
    '此列其余时间是自 1970 年起的 {0}，照此 {1} 是 {2}；若为 {3} 则是 {4}。请统一单位。',
  'in the year {}': '在 {0} 年',
  'user id': '用户 id',
  'item id': '物品 id',
  'finite number': '有限的数',
  'event type': '事件类型',
  'a user id': '用户 id',
  'an item id': '物品 id',
  'a time': '时间',
  'a finite weight': '有限的权重',
  'an event type': '事件类型',
  '{}: {} {} without {} in "{}" {} left out ({}).': '{0}：“{4}”中缺少{3!}的 {1} 行被略去（{6}）。',
  'No interaction of this file has both a user and an item.': '此文件中没有一次交互同时有用户和物品。',
  'No interaction of this file can be read.': '此文件中没有能读取的交互。',
  '{}: words that often stand for nothing are taken as {} ids in "{}": {}.': '{0}：“{2}”中常表示缺失的词被当作{1!} id：{3}。',
  'This cell is empty; every interaction needs {}. Correct such rows ({} here), or leave them out with --missing-ids drop, which leaves out the words that are kept now too.':
    '此格为空；每次交互都需要{0!}。请改正这些行（共 {1} 行），或用 --missing-ids drop 略去：现在保留的那些词也会一并略去。',
  'every interaction needs {}': '每次交互都需要{0!}',
  '{}: held out, as the test part': '{0}：留出作为测试部分',
  'its name': '其列名',
  'no further columns': '没有更多的列',
  'The column "{}" cannot be both the user and the item.': '列“{0}”不能既是用户又是物品。',
  '{}: {} = {}, {}; --map {}=COLUMN says another': '{0}：{1} = {2}，{3!}；可用 --map {4}=列名 另指定',
  'it has {} of the {} ids looked at, "{}" {}': '所查看的{1!} id 有 {0} 在其中，在“{2}”中的有 {3}',
  'its values are {} ids of the interactions{}': '其取值是交互中的{0!} id{1}',
  ', those of "{}" are not': '，“{0}”的取值则不是',
  'none: there is no metadata file': '无：没有元数据文件',
  '; not used: {}': '；未使用：{0}',
  'There is no kind "{}"; {}the kinds are {}.': '没有类型“{0}”；{1}现有类型：{2}。',
  'number the {}s': '为{0!}编号',
  'encode interactions': '编码交互',
  'There are more than 255 event types in this column; is it one? Leave it out with --map event=none.':
    '此列的事件类型超过 255 种；它真是事件类型吗？请用 --map event=none 去掉。',
  'sort interactions': '排序交互',
  '"{}" is no form of times that is known; say {}.': '“{0}”不是已知的时间写法；请用 {1}。',
  '{}: "{}" is taken as {}, as no cell tells what its comma parts; --decimal comma reads decimals behind it.':
    '{0}：“{1}”取为 {2}，因为没有哪一格能说明逗号的作用；--decimal comma 则把逗号当作小数点。',
  'This column is written in two ways: "{}" is {} alone, "{}" ({}) {} alone. Write it in one, or say which with --date-format: rows of the other are then refused, or left out with --bad-rows skip.':
    '此列有两种写法：“{0}”只能是 {1}，“{2}”（{3}）只能是 {4}。请统一写法，或用 --date-format 说明取哪一种：另一种的行会被拒绝，或用 --bad-rows skip 略去。',
  '{} column "{}"': '{0}“{1}”列',
  'what its numbers count': '数字计的是什么',
  'day from month': '日与月',
  'dmy, mdy or ymd': 'dmy、mdy 或 ymd',
  'Nothing in this column tells {}: "{}" is {}. Say it with --date-format {}.':
    '从此列看不出{0!}：“{1}”可以是 {2}。请用 --date-format {3} 说明。',
  'a user': '用户',
  'an item': '物品',
  '{}: the {} ids of "{}" are floating numbers, of which 1.0 is the id 1; --float-ids keep leaves them as they are.':
    '{0}：“{2}”中的{1!} id 是浮点数，1.0 视为标识 1；--float-ids keep 则按原样保留。',
  'This cell is empty; {}': '此格为空；{0}',
  '"{}" is no {} id but a word for a missing one': '“{0}”不是{1!} id，而是表示缺失的词',
  'Correct the row, or leave it out': '请改正该行，或略去它',
  'Correct such rows ({} here: {}), or leave them out': '请改正这些行（共 {0} 行：{1}），或略去它们',
  ', or pass --missing-ids keep where it is an id': '；若它是标识，用 --missing-ids keep',
  '{}. {} with --missing-ids drop{}.': '{0!}。{1}（--missing-ids drop）{2}。',
  'Every {} id begins or ends with a blank, such as {}, and is another one without it.':
    '所有{0!} id 的首尾都有空白，例如 {1}；去掉空白就是另一个标识。',
  "{} {} ids differ from another one in blanks, case or accents' spelling only, such as {} and {}; they are different {}s here.":
    '有 {0} 个{1!} id 与另一个只差空白、大小写或重音写法，例如 {2} 与 {3}；此处视为不同。',
  'There is a dataset of that name; choose another name or pass --replace.': '已有同名的数据集；请换一个名称，或选择替换。',
  '{}: {} could not be read and {} left out; {} of the dataset lists them.': '{0}：{1!}无法读取，已略去；数据集的 {3} 中列有它们。',
  '{} of {} without a row in {}; {} have no metadata.': '{1!}的 {0!}在 {2} 中没有对应的行；{3!}没有元数据。',
  'those items': '这些物品',
  'those users': '这些用户',
  'The split leaves no interaction for training; choose another with --split.': '这种划分没有留下训练的交互；请用 --split 另选一种。',
  'No user has two distinct items, so the test part is empty.': '没有用户有两个不同的物品，因此测试部分为空。',
  'The test part is empty.': '测试部分为空。',
  '{} with test interactions from before the end of their training part: the given test file is not later than the training file.':
    '{0!}的测试交互早于其训练部分的结束：给定的测试文件并不晚于训练文件。',
  'line {}': '第 {0} 行',
  'no JSON object': '不是 JSON 对象',
  'Tables of interactions can be joined, and these are lines of sequences.': '能合并的是交互的表格，而这些是序列的行。',
  'This is not written as the interactions of {} ({}). Pass --format table to join tables by their columns.':
    '它不是按 {0} 的交互（{1}）写成的。请用 --format table 按列合并表格。',
  'This is in the layout "{}", the dataset was imported from "{}": append files of one form.':
    '它的布局是“{0}”，而数据集是按“{1}”导入的：请追加同一形式的文件。',
  'Say what to import: --path FOLDER, --interactions FILE or --sample.': '请说明要导入什么：文件夹、交互文件或示例市场。',
  'Pass --path or --interactions, not both.': '请只给文件夹或交互文件之一。',
  'These files are not in the layout of {}: {}. Leave --format out, and they are looked at.':
    '这些文件不是 {0} 的布局：{1}。不用 --format 时会查看其内容。',
  'This file is not used: it is not what {} is imported from.': '不使用此文件：{0} 的导入用不到它。',
  'This file is not used: it has the columns of {}, and one file of interactions is taken; --also takes it with them, --test holds it out.':
    '未使用此文件：它与 {0} 的列相同，而交互只取了一个文件；可并入交互（--also），或作为留出的测试（--test）。',
  'None of these files can be read as a table.': '这些文件都不能作为表格读取。',
  'The format "sequence" reads one file; this is a folder. Pass the file with --interactions.':
    '格式“sequence”只读一个文件，而这是文件夹。请把该文件选作交互。',
  'This file is not used: {}': '不使用此文件：{0}',
  'There are no interactions in this file.': '此文件中没有交互。',
  'This column holds structures, which are no times. With --unroll {} their fields are columns: then name one with --map time={}.FIELD.':
    '此列是结构，不能作时间。用 --unroll {0} 可把其字段变成列，再用 --map time={1}.字段 指定。',
  'This is no time that is known ("{}"). Say how times are written with --date-format ({}), or leave them out with --map time=none: then interactions have no order, and the split is at random.':
    '无法识别此时间（“{0}”）。请用 --date-format 说明写法（{1}），或用 --map time=none 去掉：那样交互没有先后，只能随机划分。',
  '{} column "{}": {} {} no zone, as "{}", where others do: taken as UTC.':
    '{0} 列“{1}”：{2} 个时间没有写时区，如“{4}”，而其他时间写了：按 UTC 计。',
  'time names': '时间写',
  'times name': '时间写',
  'There are no {}s in this file.': '此文件中没有{0!}。',
  'This column was of kind {} and is now {}. Correct the cells, or say which it is with --kinds {}s.{}={} (or {}).':
    '此列原为 {0} 类型，现在是 {1!}。请改正各格，或用 --kinds {2}s.{3}={4}（或 {5!}）说明。',
  '{}: {} of {} cells looked at are numbers and "{}" is none, so the column is taken as {}. Correct such cells, or say --kinds {}={} where that is meant.':
    '{0}：所查看的 {2} 格中有 {1} 格是数，而“{3}”不是，因此该列取为 {4!}。请改正这些格；若本意如此，用 --kinds {5}={6}。',
  '{} Until then the column is left out.': '{0}在此之前不使用该列。',
  '{}: {} {} without {} id in "{}" {} left out ({}).': '{0}：“{4}”中缺少{3!} id 的 {1} 行被略去（{6}）。',
  'every row of metadata needs {} id': '元数据的每一行都需要{0!} id',
  'There are no {}s with an id in this file.': '此文件中没有带 id 的{0!}。',
  'This number is no {} id: it is infinite or not whole. Correct or remove the row.':
    '此数不能作{0!} id：它是无穷大或不是整数。请改正或删除该行。',
  'Two {}s have the id "{}": the other is at {}. Keep one row an id.': '有两个{0!}的 id 都是“{1}”：另一个在 {2}。请让每个 id 只有一行。',
  'read the {} columns': '读取{0!}列',
  '{}. Correct the cell, or choose another kind with --kinds {}=text.': '{0!}。请改正该格，或用 --kinds {1}=text 另选类型。',
  '{}: {}; {} such cell{} of "{}" count as missing.': '{0}：{1!}；“{4}”中有 {2} 格这样的值按缺失计。',
  'list of numbers': '数的列表',
  'This vector has {} numbers, the others have {}': '此向量有 {0} 个数，其余的有 {1} 个',
  'Number {} of this vector is not finite (NaN, infinite or no number)': '此向量的第 {0} 个数不是有限的（NaN、无穷大或不是数）',
  '{}. Correct or empty the cell, or leave the column out with --kinds {}=ignore.':
    '{0!}。请改正或清空该格，或用 --kinds {1}=ignore 不使用该列。',
  '{} is no {}: it must lie within ±{} degrees.': '{0} 不是{1!}：它必须在 ±{2} 度之内。',
  'write the {}s': '写出{0!}',
  'from {}': '自 {0} 起',
  '{}, seed {}': '{0}，种子 {1}',
  '{} {} leaves no interaction. Choose another.': '{0} {1} 之后没有交互剩下。请另选。',
  '{} needs {}, and the interactions have none: name the column with --map {}=COLUMN.':
    '{0} 需要{1!}，而交互中没有：请用 --map {2}=列名 指定该列。',
  'event types': '事件类型',
  '"{}" is no time; write 2024-01-31, 2024-01-31T12:00 or 1706659200.': '“{0}”不是时间；请写 2024-01-31、2024-01-31T12:00 或 1706659200。',
  'There is no event type "{}"; {}the types are {}.': '没有事件类型“{0}”；{1}现有类型：{2}。',
  '"{}" is no weight above 0; write {}=1, or leave {} out.': '“{0}”不是大于 0 的权重；请写 {1}=1，或去掉 {2}。',
  'Name the event types: view=1,buy=5.': '请写出事件类型：view=1,buy=5。',
  'The interactions have event types: name those that are positives with --positives, or leave them out with --map event=none.':
    '交互有事件类型：请用 --positives 指定哪些是正样本，或用 --map event=none 去掉。',
  'There is one type of event or none, so all are positives: leave --positives out.':
    '只有一种事件类型或没有，因此全部是正样本：请去掉 --positives。',
  'With --session-gap the users are sessions, of which --users knows nothing: leave one of them out.':
    '用了 --session-gap，用户就是会话，--users 无从对应：请去掉其中之一。',
  '"{}" is no pause; write 30m, 2h or 1d.': '“{0}”不是间隔；请写 30m、2h 或 1d。',
  'its name and its numbers': '其列名与其中的数',
  'The column "{}" is not used as weight: "{}" is no number. Every interaction counts the same; --map weight=COLUMN says another.':
    '列“{0}”没有用作权重：“{1}”不是数。所有交互同等计数；可用 --map weight=列名 另指定。',
  'its name and its few values': '其列名与为数不多的取值',
  'its values are words for events': '其取值是表示事件的词',
  'its values are times, and so are those of others': '其取值是时间，其他列也有',
  'its values are times': '其取值是时间',
  'its values are few numbers up to 10, as ratings are': '其取值是不超过 10 的少数几个数，像评分',
  'each "{}" is in one row, as in metadata': '每个“{0}”只在一行中，像元数据',
  'one of several columns of ids': '几个 id 列之一',
  'the column of ids that is left, and they come back': '剩下的 id 列，且取值会重复出现',
  'the column that is left, but none of its values comes back': '剩下的列，但没有取值重复出现',
  'its ids come in runs, as logs of users do': '相同的 id 连续出现，像用户日志',
  'the form of its ids': '其 id 的形式',
  'the customary order of two columns of ids': '两个 id 列的惯常次序',
  'the other column of ids': '另一个 id 列',
  'There is no role "{}"; {}the roles are {}.': '没有角色“{0}”；{1}现有角色：{2}。',
  '"{}" is not {}.': '“{0}”不是 {1}。',
  'There is no column "{}"; {}the columns are {}.': '没有列“{0}”；{1}现有列：{2}。',
  'This file has one column as it is read, {}, and interactions have a user and an item: say with --delimiter what parts its cells.':
    '按现在的读法，此文件只有一列 {0}，而交互需要用户和物品：请用 --delimiter 指定分隔符。',
  'It may be "{}" ({}){}: --map {}={} takes it.': '可能是“{0}”（{1}）{2}：可用 --map {3}={4}。',
  'Cannot tell which column is {}; say it with --map {}=COLUMN{}.{} The columns are {}.':
    '无法判断哪一列是{0!}；请用 --map {1}=列名 指定{2}。{3}现有列：{4}。',
  'There is no file "{}"; {}the files are {}.': '没有文件“{0}”；{1}现有文件：{2}。',
  '"{}" is no sign: pass {}, or {}; of one file FILE=SIGN.': '“{0}”不是一个符号：请给{1!}符号，或 {2}；只对一个文件则写 文件=符号。',
  'a single one': '单个',
  '{}, unrolled: row {}': '{0}，展开后：第 {1} 行',
  'This is a folder; name a file, or pass the folder with --path.': '这是文件夹；请选择一个文件，或把它作为文件夹导入。',
  'The split "given" needs a test file: pass --test, or a folder with one.': '划分“given”需要测试文件：请选择一个，或含有它的文件夹。',
  'The split "leave-last" needs to know the order of interactions: name a time column with --map time=COLUMN, or use random:0.2.':
    '划分“leave-last”需要知道交互的先后：请用 --map time=列名 指定时间列，或用 random:0.2。',
  '"{}" is no date; write time:2024-01-31, time:2024-01-31T12:00 or time:1706659200.':
    '“{0}”不是日期；请写 time:2024-01-31、time:2024-01-31T12:00 或 time:1706659200。',
  'There is no split "{}"; the splits are leave-last, time:DATE, random:FRACTION and given.':
    '没有划分“{0}”；现有：leave-last、time:日期、random:比例 和 given。',
  '"{}" is no fraction between 0 and 1; write random:0.2.': '“{0}”不是 0 与 1 之间的比例；请写 random:0.2。',
  'A split by time needs times: name the column with --map time=COLUMN.': '按时间划分需要时间：请用 --map time=列名 指定该列。',
  'Nothing lies {} {}; the interactions are from {}. Choose a date within.': '{1} {0!}没有交互；交互的时间是 {2}。请选其间的日期。',
  'at or after': '及之后',
  'The lists of this row are of different lengths ({}), and their entries are taken in step. Correct the row, or leave entries without a partner out with --bad-rows skip.':
    '此行各列表长度不同（{0}），而其各项须一一对应。请改正该行，或用 --bad-rows skip 略去没有对应的项。',
  'row whose lists are empty is no interaction': '行的列表为空，不成交互',
  'rows whose lists are empty are no interactions': '行的列表为空，不成交互',
  'This column holds lists of structures. With --unroll {} each entry is an interaction of its own and its fields are columns: then name one with --map {}={}.FIELD.':
    '此列是结构的列表。用 --unroll {0} 可把每一项展开为一次交互、字段变成列，再用 --map {1}={2}.字段 指定一个。',
  'This column holds lists, which are no ids. With --unroll {} each entry is an interaction of its own; or name another column with --map {}=COLUMN.':
    '此列是列表，不能作标识。用 --unroll {0} 可把每一项展开为一次交互；或用 --map {1}=列名 另指定一列。',
  'This column holds structures, which are no ids. With --unroll {} their fields are columns: then name one with --map {}={}.FIELD.':
    '此列是结构，不能作标识。用 --unroll {0} 可把其字段变成列，再用 --map {1}={2}.字段 指定。',
} as const
