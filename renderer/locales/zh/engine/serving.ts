/** What models, indexes, searches and evaluations say, in Chinese, by the engine's templates: {} is a value there and {0} here, {0!} where it is a word. */
export const servingSentences = {
  'There is nothing to compare: no query, or an empty index.': '没有可比较的内容：没有查询，或索引为空。',
  'The score of query {} for item {} is not a number: their vectors are too long; normalise the towers.':
    '查询 {0} 对物品 {1} 的分数不是数：向量过长；请将两塔输出归一化。',
  'search exactly': '精确搜索',
  'build {} index': '构建 {0} 索引',
  'search {} index': '搜索 {0} 索引',
  'expansion {}': '扩展 {0}',
  'search {} exactly': '精确搜索 {0}',
  '{} numbers are not {} vectors of width {}.': '{0} 个数不是 {1!} 个 {2} 维向量。',
  '{} row {}, dimension {}': '{0!}第 {1} 行，第 {2} 维',
  '{} does not fit a half float; use scalar f32.': '{0} 超出半精度浮点的范围；请用标量 f32。',
  'The vector holds {}: the model has diverged; train it with a lower learning rate.': '向量中有 {0}：模型已发散；请用更低的学习率训练。',
  'found the nearer of two vectors': '找到两个向量中较近的一个',
  'The description of the index is missing: build it again.': '缺少索引的描述文件：请重新构建索引。',
  'is not the description of an index': '不是索引的描述',
  'Build the index again: pylon index --replace.': '请在索引页重新构建此索引。',
  'The file {}: build the index again.': '该文件{0!}：请重新构建索引。',
  'A score is not a number: the model has diverged; train it with a lower learning rate.':
    '有分数不是数：模型已发散；请用更低的学习率训练。',
  'The index has {} {}, not {}: it belongs to another model; build it again.':
    '索引的 {0} 为 {1}，而不是 {2}：它属于另一个模型；请重新构建。',
  'USearch cannot read the index ({}): build it again.': 'USearch 无法读取此索引（{0}）：请重新构建。',
  'holds {} items, not {}': '有 {0} 个物品，而不是 {1} 个',
  '{} items need {} numbers, not {}.': '{0} 个物品需要 {1} 个数，而不是 {2} 个。',
  'An item is given twice; give each once.': '有物品给了两次；每个只能给一次。',
  'The query has {} numbers; the index is of width {}.': '查询有 {0} 个数，而索引是 {1} 维。',
  'A mapped index cannot be changed: load it instead.': '映射到内存的索引不能修改：请改为加载它。',
  'index items': '为物品建索引',
  'i8 needs vectors of one length: it is only valid with cosine; use f16 or f32, or match.kind cosine.':
    'i8 需要等长的向量：只能用于余弦；请用 f16、f32，或 match.kind cosine。',
  'Dataset {} has no times: it has no past to stand in.': '数据集 {0} 没有时间：无法站在过去的日期上。',
  'Nearly all interactions of dataset {} are of one time: there are no periods.': '数据集 {0} 的交互几乎都在同一时间：无法分出时段。',
  'item weights': '计算物品权重',
  'Raise it, or leave EASE out': '请提高它，或不用 EASE',
  'Raise it, set a smaller keep, or use item-knn': '请提高它、减小 keep，或改用 item-knn',
  'EASE needs about {} GB here ({}² numbers to invert), more than memoryGb {}. {}.':
    'EASE 在此约需 {0} GB（要求逆的矩阵有 {1!}² 个数），超过 memoryGb {2}。{3}。',
  'find similar items': '查找相似物品',
  '{} {} is too small beside these interactions: rounding leaves its equations no answer. Give a larger one.':
    '{0} {1} 相对这些交互过小：舍入误差使方程无解。请给出更大的值。',
  '{} This trial counts as 0.': '{0} 该次试验计为 0。',
  'Dataset {} has no times: take popularity.kind global.': '数据集 {0} 没有时间：请用 popularity.kind global。',
  'Item column "{}" holds lists; a market is one value an item.': '物品列“{0}”是列表；市场须是每个物品一个值。',
  'The column has {} values, too many markets for {} users: choose a coarser one.':
    '该列有 {0} 个值，对 {1} 位用户来说市场过多：请选更粗的列。',
  'Both runs know none of the users that are held out: name two trainings of one data set.':
    '两个运行都不认识任何留出的用户：请选同一数据集上的两次训练。',
  'User vectors of one have {} numbers, items of the other {}: there is no product of both.':
    '一个运行的用户向量有 {0} 维，另一个的物品向量有 {1} 维：两者无法相乘。',
  'Protocol {} belongs to another version of dataset {}; make it again.': '协议 {0} 属于数据集 {1} 的另一个版本；请重新生成。',
  'of type {}': '（类型为 {0}）',
  'that they have not met before': '（且此前没有接触过）',
  'Nobody in dataset {} has a {} item{}: import it with another split, or evaluate another part.':
    '数据集 {0} 中没有人有{1!}部分的物品{2}：请换一种划分重新导入，或评测另一部分。',
  'The score of user {} for item {} is not a number: the model has diverged; train it with a lower learning rate.':
    '用户 {0} 对物品 {1} 的分数不是数：模型已发散；请用更低的学习率训练。',
  'Lower the learning rates, lower match.temperature, or give the loss more negatives; with directau raise loss.gamma.':
    '请降低学习率、降低 match.temperature，或给损失更多负样本；用 directau 时请提高 loss.gamma。',
  'The model has collapsed: all items point the same way (uniformity {}, evenly spread would be near -4). {}':
    '模型已坍缩：所有物品指向同一方向（均匀度 {0}，均匀分布时接近 -4）。{1}',
  'The model has collapsed: its items use {} dimensions. {}': '模型已坍缩：物品只用到 {0} 个维度。{1}',
  '{} % of the users get the same 10 items': '{0} % 的用户得到相同的 10 个物品',
  '{}, because long item vectors are the popular ones (rank correlation {}). Use match.kind cosine, or the logQ correction.':
    '{0}，因为向量长的物品正是热门物品（秩相关 {1}）。请用 match.kind cosine，或 logQ 校正。',
  '{}: the user tower tells them apart too little. Give it features or a history, or train longer with more negatives.':
    '{0}：用户塔对用户的区分太少。请给它特征或历史，或用更多负样本训练更久。',
  'permute columns': '打乱列',
  'The loss of this run compares vectors and has no negatives (directau).': '此运行的损失直接比较向量，没有负样本（directau）。',
  'false negatives': '查找假负样本',
  'A loss of {} takes no hard negatives.': '{0} 损失不使用难负样本。',
  'A uniform sampler has no alpha: ask for --sampler popularity.': '均匀采样没有 alpha：请改为按热度采样。',
  'A loss of {} draws no negatives.': '{0} 损失不抽取负样本。',
  'counted by NumPy from the files of the split (test/golden/gowalla_most_popular.py); no paper has it':
    '由 NumPy 从该划分的文件计数得出；没有论文给出',
  '{}, with the settings of its log': '{0}，设置取自其日志',
  'It does not have the rank of each of {} held-out items: delete it, it is made again.':
    '它没有 {0} 个留出物品各自的排名：请删除它，会重新生成。',
  '"{}" is no metric of a query: give {}.': '“{0}”不是单次查询的指标：请用 {1}。',
  'log rank': '名次的对数',
  'log popularity': '热门度的对数',
  'nearest of history': '与历史中最近者的相似度',
  'mean of history': '与历史平均的相似度',
  'last of history': '与历史中最后一个的相似度',
  'log history': '历史长度的对数',
  'share of history with its {}': '历史中{0}相同的比例',
  'distance from history in {}': '与历史在{0}上的距离',
  'train the re-ranker': '训练重排模型',
  'A margin is above 0.': '容差必须大于 0。',
  'It does not say what the blend is made of. {}': '它没有说明融合由什么组成。{0}',
  "It is {} wide, its member's vectors {}.": '它的宽度为 {0}，而其成员的向量为 {1}。',
  'The score of user {} for item {} is NaN.': '用户 {0} 对物品 {1} 的分数是 NaN。',
  'It holds no vectors of the items of this run. Train the run again.': '其中没有此运行物品的向量。请重新训练此运行。',
  'The item weights do not fit {} items: the dataset was replaced since. Train the run anew.':
    '物品权重与 {0} 个物品不符：数据集此后已被替换。请重新训练此运行。',
  'A run of {} has item-item weights and no vectors: name a run of towers or of vectors.':
    '{0!} 运行只有物品–物品权重而没有向量：请选有塔或有向量的运行。',
  'One of them matches by a function of its own, which a rotation may change: only dot, cosine and Euclidean distance keep their scores.':
    '其中一个用自定义函数匹配，旋转可能改变其分数：只有内积、余弦和欧氏距离不变。',
  'Its vectors have {} numbers, those to be aligned to only {}: align the other run to it, or train it with an output of {}.':
    '其向量有 {0} 个数，而要对齐的只有 {1} 个：请反过来对齐，或用输出宽度 {2} 训练它。',
  'Measure the curve again: pylon curve.': '请在索引页重新测量曲线。',
  'Lay it out again: pylon map.': '请在地图上重新布局。',
  'Measure the second stage again: pylon rerank.': '请重新测量第二阶段。',
  'Delete it: it is made again when it is needed.': '请删除它：需要时会重新生成。',
  'Restore it from a backup, train the run again, or ask without epochs: --epochs 0.': '请从备份恢复、重新训练此运行，或不看各轮。',
  'Build the index again in its place: pylon index --replace.': '请在索引页重新构建此索引。',
  'Restore it from a backup, train the run again, or build another index beside it: pylon index.':
    '请从备份恢复、重新训练此运行，或在索引页另建一个索引。',
  '{} rows': '{0} 行',
  'It holds {} of shape ({}), not {} of float32: the dataset was replaced since. Train the run anew.':
    '其内容是形状（{1}）的 {0}，而不是 {2} 的 float32：数据集此后已被替换。请重新训练此运行。',
  'It is no list of ids.': '它不是 id 的列表。',
  'Vectors of users and items are not of one run.': '用户与物品的向量不属于同一个运行。',
  'A run of {} is part of this blend ({}) and has no towers: only known ids can be asked for, and only vectors exported. For more, blend two-tower runs alone.':
    '此融合中有 {0!} 运行（{1}），它没有塔：只能查询已知的 id，只能导出向量。若要更多，请只融合双塔运行。',
  'This Pylon cannot read it as the spec of a two-tower.': '此 Pylon 无法把它读作双塔的规格。',
  'These values are too large for the {} tower: its vector is not finite. Correct them.':
    '这些值对{0!}塔来说太大：得到的向量不是有限的。请改正。',
  'Dataset {} has no {} "{}".': '数据集 {0} 没有{1!}“{2}”。',
  'There is an item "{}": give the new one another id.': '已有物品“{0}”：请给新物品换一个 id。',
  'There is nothing to leave out.': '没有可以去掉的内容。',
  'There is no {} number {}: there are {}.': '没有编号为 {1} 的{0!}：共有 {2} 个。',
  'this model reads no history; they are left out of what is recommended': '此模型不读取历史；推荐中只是略去它们',
  'the model reads {} too, and a bundle carries nothing of users; give "features" and "history"':
    '模型还读取 {0}，而模型包不带用户信息；请给“features”和“history”',
  'The vector of "{}" is as it was trained, without later events: {}.': '“{0}”的向量仍是训练时的，不含之后的事件：{1}。',
  'Items have no column "{}"; {}they have {}.': '物品没有列“{0}”；{1}现有：{2!}。',
  'Give a value, a list of alternatives, {"min": …, "max": …} or {"all": […]}.':
    '请给一个值、多个可选值的列表、{"min": …, "max": …} 或 {"all": […]}。',
  'Give either a known item or a known user: --item ID or --user ID.': '请给已知的物品或已知的用户，二者之一。',
  'A run of {} has no ANN index: choose a two-tower run or a blend.': '{0!} 运行没有 ANN 索引：请选双塔运行或融合。',
  'There are {} items: a cost is predicted from {} or more.': '只有 {0} 个物品：至少 {1} 个才能预测成本。',
  'search under filters': '在过滤下搜索',
  'It does not describe an index: build the index again.': '它没有描述索引：请重新构建索引。',
  'There are {} items: ask for fewer neighbours than that.': '只有 {0} 个物品：近邻数应少于此。',
  'find neighbours': '查找近邻',
  'lay out': '布局',
  'place items': '放置物品',
  'place users': '放置用户',
  'name groups': '为群组命名',
  'It does not say how the map was laid out: lay it out again.': '它没有说明地图是如何布局的：请重新布局。',
  'There are {} items: more than {} are placed anew on principal axes alone.': '共有 {0} 个物品：超过 {1} 个时只能按主轴重新放置。',
  'A run of most-popular has no item vectors to draw. Ask a two-tower run.': '最热门运行没有可以画出的物品向量。请选双塔运行。',
  'The items are not laid out yet: pylon map RUN, or the button of the map.': '物品还没有布局：请用地图上的按钮。',
  'It is a map of other items: lay it out again.': '这是其他物品的地图：请重新布局。',
  'Column "{}" holds vectors: colour by another one.': '列“{0}”是向量：请按另一列着色。',
  'A run of {} has item-item weights and no vectors; ask a run of a two-tower or ials.':
    '{0!} 运行只有物品–物品权重而没有向量；请选双塔或 iALS 的运行。',
  "This run's user tower reads no history: leaving out an interaction changes nothing.":
    '此运行的用户塔不读取历史：去掉一次交互不会有任何变化。',
  'What this run keeps has learned from the validation part too: Pylon before 0.4 kept no vectors of train alone. Train it again.':
    '此运行保存的内容也学习过验证部分：0.4 之前的 Pylon 不保留只用训练部分的向量。请重新训练。',
  'encode features': '编码特征',
  'A run of {} has no ANN index; leave out --ann.': '{0!} 运行没有 ANN 索引；请用精确搜索。',
  'A run of {} cannot embed typed-in features; name a known id.': '{0!} 运行无法嵌入手动填写的特征；请给已知的 id。',
  'probe {} ({})': '探测样本 {0}（{1}）',
  '{}: the bundle does not answer as it did when it was made.': '{0!}：模型包的回答与制作时不同。',
  '{} items come back where {} were recorded': '返回 {0} 个物品，而记录的是 {1} 个',
  'Rank {} has the score {} (item {}) where {} (item {}) was recorded': '第 {0} 位的分数为 {1}（物品 {2}），而记录的是 {3}（物品 {4}）',
  'Rank {} is item {} where item {} was recorded': '第 {0} 位是物品 {1}，而记录的是物品 {2}',
  'Give either a known {} or features.': '请给已知的{0!}或特征，二者之一。',
  'A run of {} has no item vectors to compare. Ask a run of a two-tower or ials.':
    '{0!} 运行没有可比较的物品向量。请选双塔或 iALS 的运行。',
  'A run of {} ranks by known history alone: ask it for a known user.': '{0!} 运行只按已知的历史排序：请选已知的用户。',
  'The index of a model that matches by {} does not rank by cosine: search exactly.':
    '按 {0} 匹配的模型，其索引不按余弦排序：请用精确搜索。',
  'It is not JSON: {}. Write e.g. \'{"age": 31}\'.': '它不是 JSON：{0}。请写成例如 \'{"age": 31}\'。',
  'It must be a JSON object, column names to values.': '它必须是 JSON 对象：列名对应取值。',
  'Ids, vectors and dataset are not of one run.': 'id、向量和数据集不属于同一个运行。',
  'There is no user "{}". Give "features" or "history" for a new one.': '没有用户“{0}”。新用户请给“features”或“history”。',
  'The features of "{}" name another id: leave it out there.': '“{0}”的特征中写了另一个 id：请在那里去掉它。',
  'There is no item "{}".': '没有物品“{0}”。',
  'It is no log of requests: give what `pylon serve --log-requests` wrote.':
    '它不是请求日志：请给 `pylon serve --log-requests` 写出的文件。',
  'measure skew': '测量偏差',
} as const
