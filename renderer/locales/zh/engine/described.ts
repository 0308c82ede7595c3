/** What an import says of the columns of a log that describe its users and items, in Chinese; see `import.ts`. */
export const describedSentences = {
  'The column "{}" of the interactions describes neither the item nor the user so far: take it with --item-columns, or with --user-columns.':
    '交互中的列“{0}”目前既不描述物品也不描述用户：可用 --item-columns 或 --user-columns 选用。',
  'The column "{}" of the interactions does not describe the {} so far: take it with --{}-columns.':
    '交互中的列“{0}”目前不描述{1!}：可用 --{2}-columns 选用。',
  'The column "{}" is the {} of the interactions and no title. Say --map title=none for no title.':
    '列“{0}”是交互的{1!}，不是标题。没有标题时请写 --map title=none。',
  'The column "{}" is not taken as the time, as each item has one value of it, like a release date. If it tells when the interactions were, say {}.':
    '列“{0}”不作为时间，因为每个物品在其中只有一个值，像发布日期一样。如果它说明交互发生的时间，请写 {1}。',
  'The column "{}" is taken as the time by its name, and each item has one value of it, like a release date. If it does not tell when the interactions were, say --map time=none.':
    '列“{0}”按名称作为时间，而每个物品在其中只有一个值，像发布日期一样。如果它不说明交互发生的时间，请写 --map time=none。',
  'The column "{}" is the {} of the interactions and describes no {}. Leave it out.': '列“{0}”是交互的{1!}，不描述{2!}。请去掉它。',
  'The {} are described by {}, and columns of the interactions describe them where there is no such table. Leave one of the two out.':
    '{0!}由 {1} 描述；只有没有这样的表时，才由交互中的列描述。请去掉其中之一。',
  'With --session-gap the users are sessions, which no column describes: leave one of them out.':
    '用 --session-gap 时用户是会话，没有列描述它们：请去掉其中之一。',
  'The column "{}" cannot describe both the item and the user. Name it once.': '列“{0}”不能既描述物品又描述用户。请只写一次。',
  'it is empty': '它是空的',
  'it has one value': '它只有一个值',
  'no {} has several rows with a value': '没有{0!}有多行带值',
  'too few {}s have several rows to tell': '有多行的{0!}太少，无法判断',
  'next to all {}s have the same value': '几乎所有{0!}的值都相同',
  'it varies within {} of the {}s': '在 {0} 的{1!}内取值不一',
  'it varies within {} of the {}s and {} of the {}s': '在 {0} 的{1!}和 {2} 的{3!}内取值不一',
  '{}: its rows describe who or what is in no other': '{0}：只在其中出现的用户和物品由它的行描述',
  '{}: columns of the {}: {}': '{0}：{1!}的列：{2}',
  '{}; others are named with {}': '{0}；要用别的列，请用 {1} 指定',
  '{}: the column "{}" is not used: {}; to take it: {}': '{0}：列“{1}”未使用：{2}；要用它，请用 {3}',
  '{}: not used either: {}': '{0}：同样未使用：{1}',
  'Column "{}": {} of {} {}s with several rows have several values, of which the {} counts. {}':
    '列“{0}”：有多行的 {2} 个{3!}中有 {1} 个有多个值，取{4!}的一个。{5}',
  'Of {} it is {} ({}), and not {} ({}).': '{0} 的是 {1}（{2}），而不是 {3}（{4}）。',
} as const
